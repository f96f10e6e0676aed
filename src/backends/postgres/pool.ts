/**
 * The connections to one Postgres server, and the only way to it.
 *
 * Always true: a call ends within its deadline, whatever the server or the network does. Its connection is then closed,
 * as nobody knows what it is still doing; the server gives up by itself (`statement_timeout`). A connection that breaks
 * fails the call that uses it and nothing else: the next call makes a new one. A server that became a standby loses its
 * connections, so that the next ones can find the primary behind the same address.
 *
 * Nothing relies on `search_path`: SQL names its schema, `${pool.schema}.table`. BIGINT is read as a number.
 *
 * Pools are cheap. Work of another pace has one of its own, so that nothing quick waits behind what is slow. Behind a
 * pooler of transactions (PgBouncer), `ignore_startup_parameters` has to name `statement_timeout` and
 * `idle_in_transaction_session_timeout`.
 */
import { Socket } from 'node:net'
import pg from 'pg'
import type { Clock } from '../../clock.ts'
import { SgcacheError } from '../../errors.ts'
import { Deadline } from '../deadline.ts'
import type { PostgresConnection } from './connection-options.ts'
import { meansAway, meansTimedOut, reasonOf, spoilsConnection } from './trouble.ts'

export interface PoolOptions {
  readonly connection: Omit<PostgresConnection, 'replicas' | 'connections' | 'deadlineMs'>
  readonly clock: Clock
  /** How many connections there are at most. */
  readonly connections: number
  /** How long a call may take, connecting and waiting for a connection included. */
  readonly deadlineMs: number
  /** Shown by the server in its list of connections. Default `sgcache`. */
  readonly applicationName?: string
}

/** SQL with a name is prepared once in each connection; the name belongs to this text alone. */
export type Statement = string | { readonly name: string; readonly text: string }

export type Row = Readonly<Record<string, unknown>>

export type Query = <R extends Row = Row>(statement: Statement, values?: readonly unknown[]) => Promise<R[]>

type Client = pg.PoolClient

const bigintOid = 20

export class PostgresPool {
  /** Quoted, for SQL. */
  readonly schema: string
  /** For people: `Postgres at host:port/database`. */
  readonly name: string
  readonly #pool: pg.Pool
  readonly #config: pg.ClientConfig
  /** All that are open, so that none outlives the pool, not even one to a server that is frozen. */
  readonly #sockets = new Set<Socket>()
  readonly #deadlineMs: number
  readonly #deadline: Deadline
  readonly #clock: Clock

  /** Connects to nothing yet. */
  constructor({ connection, clock, connections, deadlineMs, applicationName = 'sgcache' }: PoolOptions) {
    const { host, port, database, user, password, tls, schema } = connection
    this.schema = pg.escapeIdentifier(schema)
    this.name = `Postgres at ${host}:${port}/${database}`
    this.#deadlineMs = deadlineMs
    this.#clock = clock
    this.#deadline = this.#deadlineOf(deadlineMs)
    this.#config = {
      ...{ host, port, database, user, password },
      // False rather than absent: the client library would look into the environment.
      ssl: tls,
      application_name: applicationName,
      keepAlive: true,
      connectionTimeoutMillis: deadlineMs,
      statement_timeout: deadlineMs,
      idle_in_transaction_session_timeout: deadlineMs,
      types: { getTypeParser },
    }
    const stream = () => this.#newSocket()
    this.#pool = new pg.Pool({ ...this.#config, max: connections, idleTimeoutMillis: 60_000, stream })
    // An idle connection broke. Without a listener that would end the process; the next call connects anew.
    this.#pool.on('error', () => {})
  }

  /** Rejects with BACKEND_UNREACHABLE, BACKEND_TIMEOUT, or the server's own error. */
  query<R extends Row = Row>(statement: Statement, values: readonly unknown[] = []): Promise<R[]> {
    return this.#lend((client) => send<R>(client, statement, values), this.#deadline)
  }

  /** All that `work` asks for happens, or nothing. The deadline is for the whole of it. */
  async transaction<T>(work: (query: Query) => Promise<T>, deadlineMs?: number): Promise<T> {
    if (deadlineMs === undefined) return this.#lend((client) => transact(client, 'begin', work), this.#deadline)
    const begin = `begin; set local statement_timeout = ${Math.ceil(deadlineMs)}`
    const deadline = this.#deadlineOf(deadlineMs)
    try {
      return await this.#lend((client) => transact(client, begin, work), deadline)
    } finally {
      deadline.close()
    }
  }

  /**
   * A connection of its own for as long as `work` takes, for what needs the same one for long (LISTEN). Each of its
   * statements has the deadline of the pool.
   */
  async session<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
    const socket = this.#newSocket()
    const client = new pg.Client({ ...this.#config, query_timeout: this.#deadlineMs, stream: () => socket })
    // What waits for it is rejected as well.
    client.on('error', () => {})
    try {
      await client.connect().catch((error: unknown) => Promise.reject(this.#unreachable(error)))
      return await work(client)
    } finally {
      client.end().catch(() => {})
      // A server that is frozen would not close its side.
      socket.destroySoon()
    }
  }

  /** Waits for the calls under way, which their deadlines bound. */
  async close(): Promise<void> {
    const ended = new AbortController()
    await Promise.race([this.#pool.end(), this.#clock.sleep(this.#deadlineMs, ended.signal)])
    ended.abort()
    this.#deadline.close()
    for (const socket of this.#sockets) socket.destroy()
  }

  #deadlineOf(limitMs: number): Deadline {
    return new Deadline({ what: this.name, limitMs, clock: this.#clock })
  }

  #newSocket(): Socket {
    const socket = new Socket()
    this.#sockets.add(socket)
    return socket.once('close', () => this.#sockets.delete(socket))
  }

  /** Gives `work` a connection, takes it back, and settles at the deadline in any case. */
  async #lend<T>(work: (client: Client) => Promise<T>, deadline: Deadline): Promise<T> {
    const loan: Loan = { isOver: false }
    try {
      const result = await deadline.within(this.#use(loan, work))
      giveBack(loan, false)
      return result
    } catch (error) {
      giveBack(loan, spoilsConnection(error))
      throw meansAway(error) ? this.#unreachable(error) : meansTimedOut(error) ? this.#timedOut(error) : error
    }
  }

  #use<T>(loan: Loan, work: (client: Client) => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      // With a callback rather than a promise: nobody would listen to `error` for a moment, which would end the process.
      this.#pool.connect((error, client, release) => {
        if (!client) return reject(this.#unreachable(error))
        if (loan.isOver) return release()
        loan.client = client
        loan.lost = (cause) => reject(this.#unreachable(cause))
        client.on('error', loan.lost)
        work(client).then(resolve, reject)
      })
    })
  }

  #unreachable(cause: unknown): SgcacheError {
    return new SgcacheError('BACKEND_UNREACHABLE', { what: this.name, reason: reasonOf(cause) }, { cause })
  }

  #timedOut(cause: unknown): SgcacheError {
    return new SgcacheError('BACKEND_TIMEOUT', { what: this.name, limitMs: this.#deadlineMs }, { cause })
  }
}

interface Loan {
  isOver: boolean
  client?: Client
  lost?: (error: unknown) => void
}

function giveBack(loan: Loan, isSpoiled: boolean): void {
  loan.isOver = true
  const { client, lost } = loan
  if (lost) client?.off('error', lost)
  client?.release(isSpoiled)
}

async function send<R extends Row>(client: Client, statement: Statement, values: readonly unknown[]): Promise<R[]> {
  const config = typeof statement === 'string' ? { text: statement } : statement
  // The library does not change the array, but does not say so either.
  return (await client.query<R>({ ...config, values: values as unknown[] })).rows
}

async function transact<T>(client: Client, begin: string, work: (query: Query) => Promise<T>): Promise<T> {
  await client.query(begin)
  try {
    const result = await work((statement, values = []) => send(client, statement, values))
    await client.query('commit')
    return result
  } catch (error) {
    if (!spoilsConnection(error)) await client.query('rollback')
    throw error
  }
}

// The signature is the library's, which has no better type for it.
function getTypeParser(oid: number, format?: 'text' | 'binary') {
  return oid === bigintOid ? Number : pg.types.getTypeParser(oid, format as 'text')
}

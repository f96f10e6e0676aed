/** A Postgres of a test's own, to be killed and frozen. Suites that leave it alone use the shared one (`shared.ts`). */
import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { chown, mkdir, mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import pg from 'pg'
import { freePort } from './free-port.ts'
import { type PostgresBinaries, postgresBinaries } from './postgres-binaries.ts'
import { Server } from './server.ts'

export interface PostgresOptions {
  /** More of postgres's arguments, as `['-c', 'fsync=off']`. */
  readonly args?: readonly string[]
}

export interface PostgresServer extends Server {
  /** Makes an empty database and resolves with its URL. */
  newDatabase(): Promise<string>
}

const run = promisify(execFile)

/** Whoever starts it closes it. What is committed survives `kill` and `restart`. */
export async function startPostgres({ args = [] }: PostgresOptions = {}): Promise<PostgresServer> {
  const { directory, binaries } = await newPostgresDirectory()
  await run(
    binaries.initdb,
    [
      ...['--pgdata', dataIn(directory), '--no-sync', '--auth=trust', '--username=postgres', '--encoding=UTF8'],
      // Sorts text as a studio's own server is likely to, and the same on every machine.
      ...['--locale=C', '--locale-provider=icu', '--icu-locale=en-US'],
    ],
    { ...binaries.user, cwd: directory },
  )
  return launchPostgres(directory, binaries, args)
}

export function dataIn(directory: string): string {
  return join(directory, 'data')
}

/** An empty directory which the user that Postgres runs as may write. */
export async function newPostgresDirectory(): Promise<{ directory: string; binaries: PostgresBinaries }> {
  const directory = await mkdtemp(join(tmpdir(), 'sgcache-postgres-'))
  const binaries = await postgresBinaries(directory)
  await mkdir(dataIn(directory), { mode: 0o700 })
  if (binaries.user) {
    for (const folder of [directory, dataIn(directory)]) await chown(folder, binaries.user.uid, binaries.user.gid)
  }
  return { directory, binaries }
}

/** Starts it on a directory that is filled. */
export async function launchPostgres(
  directory: string,
  { postgres, user }: PostgresBinaries,
  args: readonly string[],
): Promise<PostgresServer> {
  const port = await freePort()
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`
  const server = await Server.start(
    { port, url, directory },
    {
      command: postgres,
      args: [
        ...['-D', dataIn(directory), '-p', String(port)],
        ...['-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories=', '-c', 'shared_buffers=16MB'],
        ...args,
      ],
      env: { LC_ALL: 'C' },
      ...(user && { user }),
      ready: /database system is ready to accept (read-only )?connections/,
      stopSignal: 'SIGINT',
    },
  )
  return Object.assign(server, { newDatabase: () => newDatabase(url) })
}

/** Makes an empty database on a server and resolves with its URL. */
export async function newDatabase(serverUrl: string): Promise<string> {
  const name = `sgcache_test_${randomUUID().replaceAll('-', '')}`
  // template0: nobody is ever connected to it, so many databases can be made of it at a time.
  await askPostgres(serverUrl, `CREATE DATABASE ${name} TEMPLATE template0`)
  const url = new URL(serverUrl)
  url.pathname = `/${name}`
  return url.href
}

/** One statement on a connection of its own, without retries: an error says how the server is now. */
export async function askPostgres(url: string, statement: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000, query_timeout: 60_000 })
  client.on('error', () => {}) // the rejected query tells it
  try {
    await client.connect()
    return (await client.query(statement)).rows
  } finally {
    await client.end()
  }
}

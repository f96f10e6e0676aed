/** A service with its HTTP server, from the first look at the event log until all of it has ended. */
import type { AddressInfo } from 'node:net'
import type { FastifyInstance } from 'fastify'
import type { Clock } from '../clock.ts'
import { SgcacheError } from '../errors.ts'
import { settledWithin } from './http/within-time.ts'
import { closeService } from './open-service.ts'
import type { Service } from './service.ts'

export interface Running {
  /** `http://127.0.0.1:8000` */
  readonly address: string
  /** Stops accepting, finishes what is under way within its bound, ends all background work. Harmless if repeated. */
  close(): Promise<void>
}

export interface RunOptions {
  readonly host: string
  readonly port: number
  /** How long requests under way may take to finish. */
  readonly drainMs: number
  /** What is to be said to those whose time is up, before their connections are closed. */
  readonly afterDrain?: () => Promise<void>
  readonly settleMs: number
  /** Aborting it ends all, as `close` does. */
  readonly signal: AbortSignal
}

/** The service is closed with it, also when it cannot begin. */
export async function run(app: FastifyInstance, service: Service, options: RunOptions): Promise<Running> {
  const { host, port, signal } = options
  const close = once(async () => {
    service.stopping()
    await drain(app, options, service.clock)
    await closeService(service)
    service.log.info('stopped')
  })
  try {
    await beginFollowing(service, options.settleMs)
    await app.listen({ host, port }).catch((error: unknown) => {
      throw listenFailed(host, port, error)
    })
  } catch (error) {
    await close()
    throw error
  }
  signal.addEventListener('abort', () => void close(), { once: true })
  if (signal.aborted) await close()
  return { address: addressOf(app), close }
}

/**
 * Begins to follow before the first request comes, so that the first answer can already be kept. What is read within
 * the settle window of the first look is read once more, so that is waited out too. With ShotGrid down nothing is
 * waited for: reads go on, and following begins when it can.
 */
async function beginFollowing({ following, reader, clock }: Service, settleMs: number): Promise<void> {
  const look = async () => {
    await Promise.all([reader.schemas.current(), following?.tick()])
    if (following) await clock.sleep(settleMs)
  }
  await settledWithin(look(), startPatienceMs, clock)
  following?.start()
}

const startPatienceMs = 3000

async function drain(app: FastifyInstance, { drainMs, afterDrain }: RunOptions, clock: Clock): Promise<void> {
  const closed = app.close()
  await settledWithin(closed, drainMs, clock)
  await afterDrain?.()
  app.server.closeAllConnections()
  await closed
}

function listenFailed(host: string, port: number, cause: unknown): SgcacheError {
  const reason = (cause as { code?: string }).code ?? String(cause) // of node:net
  return new SgcacheError('LISTEN_FAILED', { host, port, reason }, { cause })
}

function addressOf(app: FastifyInstance): string {
  const { address, port, family } = app.server.address() as AddressInfo // it listens on a port, not on a pipe
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`
}

function once(work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined
  return () => {
    running ??= work()
    return running
  }
}

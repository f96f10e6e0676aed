/**
 * Tells when there may be something new in the log.
 *
 * Every append notifies the log's channel, and one connection listens to it. That is for speed only: notifications are
 * lost while it is not connected, and for ever behind a pooler of transactions, so whoever waits is also woken after a
 * short while to look for himself.
 */
import { type Client, escapeIdentifier, type Notification } from 'pg'
import type { Clock } from '../../clock.ts'
import { channelOf } from './migrations/001-log.ts'
import type { PostgresPool } from './pool.ts'

export interface NewsOptions {
  readonly pool: Pick<PostgresPool, 'session' | 'schema'>
  readonly clock: Clock
}

/** The longest wait for news that were not heard. Costs an indexed look at the log. */
const pollMs = 200
/** How often the connection is asked whether it still hears anything, and how soon another is tried. */
const checkMs = 5000
const retryMs = 1000

export class News {
  readonly #options: NewsOptions
  readonly #closing = new AbortController()
  readonly #waiting = new Set<() => void>()
  #listening: Promise<void> | undefined
  /** The seq that was last heard of. */
  #told = 0

  constructor(options: NewsOptions) {
    this.#options = options
  }

  /** Resolves when there may be changes after `seq`, and when `signal` aborts. Listens from the first call on. */
  async after(seq: number, signal: AbortSignal): Promise<void> {
    this.#listening ??= this.#listen()
    if (this.#told > seq) return
    const woken = new AbortController()
    const wake = () => woken.abort()
    this.#waiting.add(wake)
    await this.#options.clock.sleep(pollMs, AbortSignal.any([signal, woken.signal]))
    this.#waiting.delete(wake)
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await this.#listening
  }

  async #listen(): Promise<void> {
    const { pool, clock } = this.#options
    const { signal } = this.#closing
    while (!signal.aborted) {
      // Whoever waits is woken all the same, and finds the trouble himself.
      await pool.session((session) => this.#hear(session, signal)).catch(() => {})
      await clock.sleep(retryMs, signal)
    }
  }

  /** Until the connection is lost or `signal` aborts. */
  async #hear(session: Client, signal: AbortSignal): Promise<void> {
    const lost = new AbortController()
    session.on('end', () => lost.abort())
    session.on('notification', (notification) => this.#tell(notification))
    await session.query(`listen ${escapeIdentifier(channelOf(this.#options.pool.schema))}`)
    const over = AbortSignal.any([signal, lost.signal])
    while (!over.aborted) {
      await this.#options.clock.sleep(checkMs, over)
      if (!over.aborted) await session.query('select')
    }
  }

  #tell({ payload }: Notification): void {
    this.#told = Number(payload)
    for (const wake of this.#waiting) wake()
  }
}

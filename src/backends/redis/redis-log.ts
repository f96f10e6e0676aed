/**
 * The change log in Redis: see `log-scripts.ts` for what is where.
 *
 * With replicas, a renewal counts only when enough of them have confirmed it: a master that was cut off from them
 * cannot go on giving rights (rule 8). News of changes come by publish and subscribe; one that is lost is made up for
 * by the next renewal, which names the head.
 */
import type { ChangeRecord } from '../../cache/change.ts'
import type { Change, Cursor, CursorMove } from '../../cache/ports.ts'
import type { Clock } from '../../clock.ts'
import { SgcacheError } from '../../errors.ts'
import { Deadline } from '../deadline.ts'
import { EpochEnded, type LogServer, type LogState, type Renewal } from '../shared/log-server.ts'
import { readChange, writtenChange } from '../shared/written-change.ts'
import type { RedisLink } from './link.ts'
import { type LogScript, logScripts } from './log-scripts.ts'
import { Scripts } from './scripts.ts'

export interface RedisLogOptions {
  readonly link: RedisLink
  readonly clock: Clock
  readonly prefix: string
  /** How many changes are kept, about. */
  readonly changeLimit: number
  readonly quarantineMs: number
  readonly deadlineMs: number
  /** How many replicas must confirm a renewal. */
  readonly replicas: number
}

/** Waits no longer than this for news: what was published while nobody listened is found by asking. */
const newsMs = 1000

export class RedisLog implements LogServer {
  readonly #options: RedisLogOptions
  readonly #scripts: Scripts<LogScript>
  readonly #deadline: Deadline
  /** The braces keep hash and streams in one slot of a cluster. */
  readonly #hash: string
  readonly #channel: string
  #hasNews = false
  #wake: () => void = () => {}

  constructor(options: RedisLogOptions) {
    this.#options = options
    const { link, deadlineMs: limitMs, clock } = options
    this.#scripts = new Scripts(link, logScripts)
    this.#deadline = new Deadline({ what: link.name, limitMs, clock })
    this.#hash = `${options.prefix}:{log}`
    this.#channel = `${options.prefix}:news`
    options.link.subscribe(this.#channel, () => {
      this.#hasNews = true
      this.#wake()
    })
  }

  async enter(newEpoch: string, known?: { readonly epoch: string; readonly seq: number }): Promise<LogState> {
    const { quarantineMs } = this.#options
    const args = [newEpoch, String(quarantineMs), `${this.#hash}:`, known?.epoch ?? '', String(known?.seq ?? 0)]
    const reply = await this.#call('enter', newEpoch, [this.#hash], args)
    const [epoch, head, coverage, opensInMs] = reply as string[] // as the script says
    return { epoch: epoch!, head: Number(head), coverage: Number(coverage), opensInMs: Number(opensInMs) }
  }

  async append(epoch: string, records: readonly ChangeRecord[], at: number, move?: CursorMove): Promise<number> {
    const { changeLimit } = this.#options
    const moved = move ? [String(move.fence), JSON.stringify(move.cursor)] : ['', '']
    const args = [String(changeLimit), this.#channel, ...moved, String(at), ...records.map(writtenChange)]
    try {
      return Number(await this.#step('append', epoch, args))
    } catch (error) {
      throw move ? fenced(error, move.fence) : error
    }
  }

  async read(epoch: string, after: number, limit: number): Promise<readonly Change[]> {
    const found = (await this.#step('read', epoch, [String(after), String(limit)])) as string[] // as the script says
    const changes: Change[] = []
    for (let i = 0; i < found.length; i += 3) {
      const seq = Number.parseInt(found[i]!, 10)
      changes.push(readChange(found[i + 1]!, { epoch, seq }, Number(found[i + 2])))
    }
    return changes
  }

  async news(_epoch: string, _after: number, signal: AbortSignal): Promise<void> {
    const woken = new AbortController()
    this.#wake = () => woken.abort()
    if (!this.#hasNews) await this.#options.clock.sleep(newsMs, AbortSignal.any([signal, woken.signal]))
    this.#hasNews = false
  }

  async renew(epoch: string, member: string, applied: number, forgetMs: number): Promise<Renewal> {
    const reply = await this.#step('renew', epoch, [member, String(applied), String(forgetMs)])
    const [head, opensInMs, joined, members] = reply as [string, string, number, number] // as the script says
    await this.#confirmed()
    return { head: Number(head), opensInMs: Number(opensInMs), joined: joined === 1, members }
  }

  async behind(epoch: string, seq: number): Promise<number> {
    return Number(await this.#step('behind', epoch, [String(seq)]))
  }

  async leave(epoch: string, member: string): Promise<void> {
    await this.#step('leave', epoch, [member])
  }

  async cursor(epoch: string): Promise<Cursor | undefined> {
    const text = await this.#step('cursor', epoch, [])
    // Written by `append`. One of another version is a cursor all the same: members are only ever added.
    return typeof text === 'string' ? (JSON.parse(text) as Cursor) : undefined
  }

  async acquireLease(epoch: string, member: string, holdMs: number): Promise<number | undefined> {
    const fence = await this.#step('acquire', epoch, [member, String(holdMs)])
    return typeof fence === 'number' ? fence : undefined
  }

  async releaseLease(epoch: string, member: string): Promise<void> {
    await this.#step('release', epoch, [member])
  }

  async close(): Promise<void> {
    await this.#options.link.close()
  }

  #step(script: LogScript, epoch: string, args: readonly string[]): Promise<unknown> {
    return this.#call(script, epoch, [this.#hash, `${this.#hash}:${epoch}`], [epoch, ...args])
  }

  async #call(
    script: LogScript,
    epoch: string,
    keys: readonly [string, ...string[]],
    args: readonly string[],
  ): Promise<unknown> {
    try {
      return await this.#deadline.within(this.#scripts.run(script, { keys, args }))
    } catch (error) {
      throw error instanceof Error && error.message.startsWith('EPOCH') ? new EpochEnded(epoch) : error
    }
  }

  /** Rejects unless enough replicas have what was last written over this link. */
  async #confirmed(): Promise<void> {
    const { link, replicas, deadlineMs } = this.#options
    if (replicas === 0) return
    const limitMs = Math.floor(deadlineMs / 2)
    const count = Number(
      await this.#deadline.within(link.send(this.#hash, ['WAIT', String(replicas), String(limitMs)])),
    )
    if (count >= replicas) return
    const reason = `${count} of ${replicas} replicas confirmed a renewal`
    throw new SgcacheError('BACKEND_UNREACHABLE', { what: `the replicas of ${link.name}`, reason })
  }
}

function fenced(error: unknown, fence: number): unknown {
  const found = error instanceof Error && /^FENCED (\d+)/.exec(error.message)
  return found ? new SgcacheError('FENCED', { fence, lastFence: Number(found[1]) }) : error
}

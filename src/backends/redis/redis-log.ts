/**
 * The change log in Redis: see `log-scripts.ts` for what is where.
 *
 * With replicas, a renewal counts only when enough of them have confirmed it, and a change is settled only when they
 * have confirmed that nobody is behind: a master that was cut off from them can neither give rights nor let a write be
 * answered (rule 8). News of changes come by publish and subscribe; one that is lost is made up for by the next renewal,
 * which names the head.
 */
import { ErrorReply } from '@redis/client'
import type { ChangeRecord } from '../../cache/change.ts'
import type { Change, Cursor, CursorMove } from '../../cache/ports.ts'
import type { Clock } from '../../clock.ts'
import { SgcacheError } from '../../errors.ts'
import { Deadline } from '../deadline.ts'
import { EpochEnded, type LogServer, type LogState, type Renewal } from '../shared/log-server.ts'
import { readChange, writtenChange } from '../shared/written-change.ts'
import { type Command, type LogLink, meaningOf } from './link.ts'
import { type LogScript, logKey, logScripts } from './log-scripts.ts'
import { type ScriptCall, Scripts } from './scripts.ts'

export interface RedisLogOptions {
  readonly link: LogLink
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
  readonly #hash: string
  readonly #channel: string
  /** The greatest head that was told and not yet looked at. */
  #told = 0
  #wake: () => void = () => {}

  constructor(options: RedisLogOptions) {
    this.#options = options
    const { link, deadlineMs: limitMs, clock } = options
    this.#scripts = new Scripts(logScripts)
    this.#deadline = new Deadline({ what: link.name, limitMs, clock })
    this.#hash = logKey(options.prefix)
    this.#channel = `${options.prefix}:news`
    options.link.subscribe(this.#channel, (head) => {
      this.#told = Math.max(this.#told, Number.parseInt(head, 10) || Number.POSITIVE_INFINITY)
      this.#wake()
    })
  }

  async enter(newEpoch: string, known?: { readonly epoch: string; readonly seq: number }): Promise<LogState> {
    const { quarantineMs } = this.#options
    const args = [newEpoch, String(quarantineMs), `${this.#hash}:`, known?.epoch ?? '', String(known?.seq ?? 0)]
    const reply = await this.#call('enter', newEpoch, { keys: [this.#hash], args }, this.#send)
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

  async news(_epoch: string, after: number, signal: AbortSignal): Promise<void> {
    if (this.#told <= after && !signal.aborted) {
      const woken = new AbortController()
      this.#wake = () => woken.abort()
      signal.addEventListener('abort', this.#wake)
      await this.#options.clock.sleep(newsMs, woken.signal)
      signal.removeEventListener('abort', this.#wake)
    }
    // Looked at now: it may be of another epoch, whose heads say nothing about this one.
    this.#told = 0
  }

  async renew(epoch: string, member: string, applied: number, forgetMs: number): Promise<Renewal> {
    const reply = await this.#confirmed('renew', epoch, [member, String(applied), String(forgetMs)])
    const [head, opensInMs, joined, members] = reply as [string, string, number, number] // as the script says
    return { head: Number(head), opensInMs: Number(opensInMs), joined: joined === 1, members }
  }

  async behind(epoch: string, seq: number): Promise<number> {
    const count = Number(await this.#step('behind', epoch, [String(seq)]))
    if (count === 0) await this.#confirmed('prove', epoch, [])
    return count
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

  readonly #send = (command: Command) => this.#options.link.send(this.#hash, command)

  #step(script: LogScript, epoch: string, args: readonly string[]): Promise<unknown> {
    return this.#call(script, epoch, this.#callIn(epoch, args), this.#send)
  }

  /** Rejects unless enough replicas have what the script has written. WAIT goes by what its own connection wrote. */
  async #confirmed(script: LogScript, epoch: string, args: readonly string[]): Promise<unknown> {
    const { link, replicas, deadlineMs } = this.#options
    if (replicas === 0) return script === 'prove' ? undefined : this.#step(script, epoch, args)
    const wait = ['WAIT', String(replicas), String(Math.floor(deadlineMs / 2))]
    const together = (command: Command) => link.sendTogether([command, wait])
    const [reply, count] = await this.#call(script, epoch, this.#callIn(epoch, args), together)
    if (Number(count) >= replicas) return reply
    const reason = `${Number(count)} of ${replicas} replicas confirmed what was written`
    throw new SgcacheError('BACKEND_UNREACHABLE', { what: `the replicas of ${link.name}`, reason })
  }

  #callIn(epoch: string, args: readonly string[]): ScriptCall {
    return { keys: [this.#hash, `${this.#hash}:${epoch}`], args: [epoch, ...args] }
  }

  async #call<Reply = unknown>(
    script: LogScript,
    epoch: string,
    call: ScriptCall,
    send: (command: Command) => Promise<Reply>,
  ): Promise<Reply> {
    try {
      return await this.#deadline.within(this.#scripts.run(script, call, send))
    } catch (error) {
      throw this.#meaningOf(error, epoch)
    }
  }

  /** Some refusals are the scripts' own. */
  #meaningOf(error: unknown, epoch: string): unknown {
    if (error instanceof ErrorReply && error.message.startsWith('EPOCH')) return new EpochEnded(epoch)
    if (error instanceof ErrorReply && error.message.startsWith('FENCED')) return error
    return meaningOf(error, this.#options.link.name)
  }
}

function fenced(error: unknown, fence: number): unknown {
  const found = error instanceof Error && /^FENCED (\d+)/.exec(error.message)
  return found ? new SgcacheError('FENCED', { fence, lastFence: Number(found[1]) }) : error
}

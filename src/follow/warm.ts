/**
 * Loads whole types into the cache, so that reads of a row by its id are hits from the start.
 *
 * Pages go by ascending id, each after the last id of the one before, so rows coming and going shift nothing. Can be
 * aborted between pages; what was read stays. A type of more than `maxRows` is warmed up to there.
 */
import type { Clock } from '../clock.ts'
import type { Report } from './follow-event.ts'
import { repeat } from './repeat.ts'
import type { WholeRows } from './whole-rows.ts'

export interface WarmOptions {
  readonly rows: Pick<WholeRows, 'read'>
  readonly clock: Clock
  readonly random: () => number
  /** Rows read at a time. */
  readonly page: number
  readonly maxRows: number
  readonly report: Report
  /** Told of a type before it is read: changes from then on concern warmed rows. */
  readonly watch: (type: string) => void
}

export interface WarmProgress {
  readonly type: string
  readonly rows: number
  readonly rowsPerSecond: number
  readonly state: 'running' | 'done' | 'cut'
}

type OnProgress = (progress: WarmProgress) => void

/** Between tries to warm a type that could not be read. */
const RETRY_MS = 5_000

export class Warmer {
  readonly #options: WarmOptions
  readonly #progress = new Map<string, WarmProgress>()

  constructor(options: WarmOptions) {
    this.#options = options
  }

  /** How far each type is that was ever begun. */
  get progress(): readonly WarmProgress[] {
    return [...this.#progress.values()]
  }

  async warm(
    types: readonly string[],
    signal: AbortSignal,
    onProgress: OnProgress = () => {},
  ): Promise<readonly WarmProgress[]> {
    const done: WarmProgress[] = []
    for (const type of types) done.push(await this.#warmType(type, signal, onProgress))
    return done
  }

  /**
   * Warms each type once, however long upstream takes to be there, and as soon as it is this process's to do. Resolves
   * when done or aborted.
   */
  async warmAtStart(types: readonly string[], isOurs: () => boolean, signal: AbortSignal): Promise<void> {
    const { clock, random, report } = this.#options
    for (const type of types) {
      const done = new AbortController()
      const either = AbortSignal.any([signal, done.signal])
      const work = async () => {
        if (!isOurs()) return
        await this.warm([type], signal)
        done.abort()
      }
      await repeat(work, { part: 'warm', everyMs: RETRY_MS, clock, random, report, signal: either })
    }
  }

  async #warmType(type: string, signal: AbortSignal, onProgress: OnProgress): Promise<WarmProgress> {
    const { rows, clock, page, maxRows, report, watch } = this.#options
    const began = clock.monotonic()
    let read = 0
    const tell = (state: WarmProgress['state']): WarmProgress => {
      const seconds = Math.max(clock.monotonic() - began, 1) / 1000
      const progress = { type, rows: read, rowsPerSecond: read / seconds, state }
      this.#progress.set(type, progress)
      onProgress(progress)
      return progress
    }
    watch(type)
    for (let after = 0, more = true; more && read < maxRows; ) {
      const limit = Math.min(page, maxRows - read)
      const ids = await rows.read(type, { path: 'id', relation: 'greater_than', values: [after] }, limit, signal)
      read += ids.length
      tell('running')
      more = ids.length === limit
      after = ids.at(-1) ?? after
    }
    report({ event: 'warmed', type, rows: read })
    return tell(read >= maxRows ? 'cut' : 'done')
  }
}

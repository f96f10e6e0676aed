/**
 * Where the changes read do not follow on what was recorded before: the log is another one, or was trimmed too early.
 * What the missing ones said is not known, so there every row becomes unsure. Pure.
 */
import type { Change } from '../cache/change.ts'
import type { Progress } from './progress.ts'

export interface Hole {
  /** The last seq before it, and the first after it. */
  readonly after: number
  readonly seq: number
}

export interface Whole {
  /** The changes, with a flush of everything in the place of each hole. */
  readonly changes: readonly Change[]
  readonly holes: readonly Hole[]
}

export function withHoles(progress: Progress, epoch: string, changes: readonly Change[]): Whole {
  const whole: Change[] = []
  const holes: Hole[] = []
  let last = progress.seq
  const breakBefore = (seq: number, at: number) => {
    holes.push({ after: last, seq })
    whole.push({ ...everything, epoch, seq, at })
  }
  if (progress.epoch !== epoch) breakBefore(changes[0]?.seq ?? last, changes[0]?.at ?? 0)
  for (const change of changes) {
    if (change.seq !== last + 1 && holes.at(-1)?.seq !== change.seq) breakBefore(change.seq, change.at)
    whole.push(change)
    last = change.seq
  }
  return { changes: whole, holes }
}

/** What is left of a change whose values cannot be stored: that anything of the type may have changed. */
export function bareChange(change: Change): Change {
  const { epoch, seq, at, source, type } = change
  return { epoch, seq, at, source, type, kind: 'flush', ids: 'any', field: 'any' }
}

const everything = { source: 'admin', kind: 'flush', type: '*', ids: 'any', field: 'any' } as const

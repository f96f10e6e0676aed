/**
 * One history of the tiny site: a call, its reply, and the changes after the reply's stamp.
 *
 * The reply may have been read after the first changes, which were then logged late, or torn: its rows chosen before a
 * transaction, their values read after it.
 */
import type { Change } from '../../../src/cache/change.ts'
import type { Entry } from '../../../src/cache/entry.ts'
import { dependenciesOf } from '../../../src/freshness/dependencies.ts'
import { type Call, callText } from '../../../src/shotgrid/call.ts'
import type { Random } from '../../support/random.ts'
import { RandomCalls } from '../../support/random-calls.ts'
import { focusedCall } from './focused-call.ts'
import { TinyHistory } from './tiny-history.ts'
import { tinySchema } from './tiny-schema.ts'
import type { TinySite } from './tiny-site.ts'

export interface Trial {
  readonly call: Call
  readonly entry: Entry
  readonly changes: readonly Change[]
  /** The site would answer otherwise now. */
  readonly moved: boolean
  readonly now: string
}

export interface TrialOptions {
  readonly used?: (dataType: string, relation: string) => void
}

export function randomTrial(random: Random, options: TrialOptions = {}): Trial {
  const history = new TinyHistory(random)
  const { site } = history
  const calls = new RandomCalls({
    random,
    schema: tinySchema,
    types: ['Task', 'Task', 'Shot', 'Shot', 'Sequence', 'Asset', 'HumanUser', 'Project'],
    sample: (type, field) => site.all(type).map((row) => row.values[field] ?? null),
    ...options,
  })
  const call = random.chance(0.5) ? focusedCall(random, site) : calls.call()
  if (random.chance(0.3)) history.transaction()
  const body = random.chance(0.12) ? tornReply(history, call) : site.answer(call)
  for (let count = random.chance(0.7) ? 1 : 2; count > 0; count -= 1) history.transaction()
  const now = site.answer(call)
  return { call, entry: entryOf(call, body), changes: history.changes(), moved: now !== body, now }
}

/** Rows chosen before a transaction that retires none of them, values read after it. */
function tornReply(history: TinyHistory, call: Call): string {
  const { site } = history
  if (call.operation !== 'read') return site.answer(call)
  const ids = site.select(call)
  history.transaction()
  const isWhole = ids.every((id) => site.row({ type: call.type, id })?.retired === call.retired)
  return isWhole ? JSON.stringify({ results: site.read(call, ids) }) : site.answer(call)
}

export function entryOf(call: Call, body: string, scope = 'all'): Entry {
  const buffer = Buffer.from(body)
  return {
    key: 'k',
    scope,
    type: call.type,
    stamp: { epoch: 'e', seq: 0 },
    fetchedAt: 0,
    freshUntil: 0,
    keepUntil: 0,
    call: callText(call),
    dependencies: dependenciesOf(call, buffer, tinySchema, scope === 'all' ? 'everything' : 'restricted'),
    body: buffer,
    validatedSeq: 0,
  }
}

export type { TinySite }

/**
 * Keeps the tables of the Postgres tier that people query, if that tier is served and they are wanted: a recorder on a
 * connection of its own, and what it tells, as figures and log lines.
 */
import type { Logger } from 'pino'
import { type Clock, systemClock } from '../clock.ts'
import { type Config, defaultScope } from '../config/schema.ts'
import { reasonOf } from '../errors.ts'
import type { Recorder } from '../records/recorder.ts'
import type { RecorderEvent } from '../records/recorder-event.ts'
import type { Schema } from '../shotgrid/schema.ts'
import { settledWithin } from './http/within-time.ts'
import { endpointTotals } from './metrics/endpoint-totals.ts'
import type { Figures } from './metrics/figures.ts'
import { postgresConnection } from './tier-options.ts'

/** `close` writes what is left, or gives it up when Postgres takes too long. */
export type Recording = Pick<Recorder, 'hit' | 'cacheEvent' | 'start' | 'close'>

export interface RecordingParts {
  readonly clock: Clock
  readonly figures: Figures
  readonly log: Logger
  /** The name of this process: never used before. */
  readonly instance: string
  readonly siteSchema: () => Schema | undefined
}

export function isRecorded({ tier, postgres }: Config): boolean {
  return tier === 'postgres' && postgres.people
}

export async function openRecording(config: Config, parts: RecordingParts): Promise<Recording | undefined> {
  if (!isRecorded(config)) return undefined
  const [{ PostgresPool }, { Recorder }] = await Promise.all([
    import('../backends/postgres/pool.ts'),
    import('../records/recorder.ts'),
  ])
  const { clock, figures, log } = parts
  const { postgres, scopes } = config
  const pool = new PostgresPool({
    connection: postgresConnection(config),
    clock: systemClock,
    connections: 1,
    deadlineMs: callMs,
    applicationName: 'sgcache records',
  })
  const recorder = new Recorder({
    ...parts,
    pool,
    scopes: {
      shown: scopes[defaultScope]?.sees === 'everything' ? defaultScope : undefined,
      // `site`: what the drop-in API answers to anybody.
      isNamed: (scope) => Object.hasOwn(scopes, scope) || scope === 'site',
    },
    totals: () => endpointTotals(figures),
    settings: {
      intervalMs: postgres.record_interval,
      retentionMs: postgres.retention,
      statsRetentionMs: postgres.stats_retention,
      analystRole: postgres.analyst_role,
    },
    report: (event) => {
      figures.recorderEvent(event)
      logRecorder(log, event)
    },
  })
  return {
    hit: (entry) => recorder.hit(entry),
    cacheEvent: (event) => recorder.cacheEvent(event),
    start: () => recorder.start(),
    close: async () => {
      await settledWithin(recorder.close(), lastWordsMs, clock)
      await pool.close()
    },
  }
}

const callMs = 10_000
const lastWordsMs = 5000

function logRecorder(log: Logger, event: RecorderEvent): void {
  if (event.kind === 'trouble') {
    const { part, error } = event
    log.warn({ part, reason: reasonOf(error) }, 'the tables for people cannot be written; it is tried again')
  } else if (event.kind === 'restored') log.info({ part: event.part }, 'the tables for people are written again')
  else if (event.kind === 'let go') {
    const { part, count, reason } = event
    log.warn({ part, count, reason }, 'the tables for people go without something')
  } else if (event.kind === 'hole') {
    const { after, next } = event
    log.warn({ after, next }, 'changes were gone before they were recorded; every row is unsure until it is read')
  } else if (event.kind === 'analyst role missing') {
    log.warn({ role: event.role }, 'there is no role of the name postgres.analyst_role; nobody is granted anything')
  } else if (event.kind === 'partitions dropped') log.info({ names: event.names }, 'old months were dropped')
}

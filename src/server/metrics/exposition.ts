/**
 * The figures in Prometheus' text format. This is the list of all metrics: docs/api.md is held to it by a test.
 */
import { collectDefaultMetrics, Registry } from 'prom-client'
import type { Cache } from '../../cache/cache.ts'
import type { Backend } from '../../cache/ports.ts'
import type { FollowerStatus } from '../../follow/progress.ts'
import type { Figures } from './figures.ts'
import { endpoints } from './request-counts.ts'
import { counter, gauge, histogram, type Sample } from './sampled.ts'
import type { Tally } from './tallies.ts'

export interface Sources {
  readonly figures: Figures
  readonly cache: Pick<Cache, 'changesExamined'>
  readonly backend: Pick<Backend, 'near' | 'log' | 'processes'>
  readonly limitBytes: number
  /** `undefined`: this process does not follow. */
  readonly follower: () => FollowerStatus | undefined
  readonly breakerIsOpen: () => boolean
}

/** A registry of its own, so that two servers in one process do not mix. `withProcess`: also those of Node itself. */
export function exposition(sources: Sources, withProcess = true): Registry {
  const registry = new Registry()
  addRequests(registry, sources)
  addDropIn(registry, sources)
  addCache(registry, sources)
  addLog(registry, sources)
  addFollowing(registry, sources)
  addUpstream(registry, sources)
  addRecords(registry, sources)
  if (withProcess) collectDefaultMetrics({ register: registry })
  return registry
}

function addRequests(registry: Registry, { figures }: Sources): void {
  const { requests, hits, misses, graceServed, ages } = figures
  counter(registry, { name: 'sg_cache_requests_total', help: 'Requests answered.' }, () =>
    [...requests.entries()].map(({ count, ...labels }) => ({ value: count, labels })),
  )
  histogram(registry, { name: 'sg_cache_request_duration_seconds', help: 'Time to answer a request.' }, () =>
    endpoints.map((endpoint, at) => ({ labels: { endpoint }, histogram: requests.durations[at]! })),
  )
  counter(registry, { name: 'sg_cache_hits_total', help: 'Reads answered from cache.' }, () => byView(hits))
  counter(registry, { name: 'sg_cache_misses_total', help: 'Reads answered by ShotGrid.' }, () => byView(misses))
  counter(
    registry,
    { name: 'sg_cache_grace_served_total', help: 'Reads answered with a labelled stale answer, ShotGrid being down.' },
    () => byView(graceServed),
  )
  histogram(
    registry,
    { name: 'sg_cache_answer_age_seconds', help: 'How long ago answers were read at ShotGrid.' },
    () => [{ labels: {}, histogram: ages }],
  )
}

/** Calls that came in the Python client's own protocol. */
function addDropIn(registry: Registry, { figures }: Sources): void {
  counter(
    registry,
    { name: 'sg_cache_drop_in_calls_total', help: 'Calls of the drop-in API, by how they ended.' },
    () => byWords(figures.dropIn, 'outcome'),
  )
  counter(
    registry,
    { name: 'sg_ryw_degraded_total', help: 'Writes answered before all processes were sure to know of them.' },
    () => [{ value: figures.dropIn.of('degraded') }],
  )
}

function addCache(registry: Registry, { figures, backend, limitBytes, cache }: Sources): void {
  const { near } = backend
  gauge(registry, { name: 'sg_cache_entries', help: 'Entries in memory.' }, () => [{ value: near.count }])
  gauge(registry, { name: 'sg_cache_bytes', help: 'Bytes that the entries in memory take.' }, () => [
    { value: near.bytes },
  ])
  gauge(registry, { name: 'sg_cache_limit_bytes', help: 'Bytes that they may take.' }, () => [{ value: limitBytes }])
  counter(registry, { name: 'sg_cache_stored_total', help: 'Replies stored.' }, () => [{ value: figures.stored }])
  counter(registry, { name: 'sg_cache_evictions_total', help: 'Entries that left to make room.' }, () => [
    { value: figures.evictions },
  ])
  counter(registry, { name: 'sg_cache_refused_total', help: 'Replies that were not stored, by reason.' }, () =>
    byWords(figures.refused, 'reason'),
  )
  counter(
    registry,
    { name: 'sg_cache_dropped_total', help: 'Entries found untrue, by source and kind of the change.' },
    () => byWords(figures.dropped, 'source', 'kind'),
  )
  counter(registry, { name: 'sg_cache_miss_reasons_total', help: 'Why reads were not answered from cache.' }, () =>
    byWords(figures.missReasons, 'reason'),
  )
  counter(registry, { name: 'sg_cache_joined_total', help: 'Reads answered by the upstream read of another.' }, () => [
    { value: figures.joined },
  ])
  counter(
    registry,
    {
      name: 'sg_cache_revalidations_total',
      help: 'Answers past their end that were read anew in the background (cache.stale_while_revalidate).',
    },
    () => [{ value: figures.revalidations }],
  )
  counter(registry, { name: 'sg_cache_store_failures_total', help: 'Failures of the store, by operation.' }, () =>
    byWords(figures.storeFailures, 'operation'),
  )
  counter(
    registry,
    { name: 'sg_cache_changes_examined_total', help: 'Changes looked at one by one in freshness checks.' },
    () => [{ value: cache.changesExamined }],
  )
}

function addLog(registry: Registry, { figures, backend }: Sources): void {
  const { window } = backend.log
  gauge(registry, { name: 'sg_cache_log_head', help: 'Seq of the last change.' }, () => [{ value: window.head }])
  gauge(registry, { name: 'sg_cache_log_coverage', help: 'Seq after which every change is still known.' }, () => [
    { value: window.coverage },
  ])
  gauge(registry, { name: 'sg_cache_log_may_answer', help: '1 while this process may answer from cache.' }, () => [
    { value: Number(backend.log.mayAnswer()) },
  ])
  gauge(registry, { name: 'sg_cache_processes', help: 'Processes that share the tier, this one included.' }, () => [
    { value: backend.processes() },
  ])
  counter(registry, { name: 'sg_cache_log_failures_total', help: 'Failures of a shared log, by step.' }, () =>
    byWords(figures.logTroubles, 'step'),
  )
  counter(
    registry,
    { name: 'sg_cache_log_holes_total', help: 'Times that changes of a shared log were missed.' },
    () => [{ value: figures.logHoles }],
  )
  counter(registry, { name: 'sg_cache_log_epochs_total', help: 'Epochs of a shared log that were entered.' }, () => [
    { value: figures.epochs },
  ])
  counter(registry, { name: 'sg_cache_changes_total', help: 'Changes that this process logged, by source.' }, () =>
    byWords(figures.changes, 'source'),
  )
}

function addFollowing(registry: Registry, { figures, follower }: Sources): void {
  const figure = (name: string, help: string, of: (status: FollowerStatus) => number | undefined) =>
    gauge(registry, { name, help }, () => {
      const status = follower()
      const value = status && of(status)
      return value === undefined ? [] : [{ value }]
    })
  figure('sg_cache_event_lag_seconds', 'From the last event upstream until it was in the log.', (s) => s.lagMs / 1000)
  figure('sg_cache_event_gaps', 'Ids of the event log that are missing.', (s) => s.gaps)
  figure('sg_cache_event_oldest_gap_seconds', 'Age of the oldest of them.', (s) => s.oldestGapMs / 1000)
  figure('sg_cache_event_last_id', 'Id of the last event seen.', (s) => s.lastEventId)
  figure('sg_cache_event_last_timestamp_seconds', 'Its time upstream.', (s) => s.lastEventAt && s.lastEventAt / 1000)
  figure('sg_cache_event_look_age_seconds', 'Since the last look at the event log.', (s) =>
    s.lookedMsAgo === undefined ? undefined : s.lookedMsAgo / 1000,
  )
  figure('sg_cache_event_blind', '1 while hits are checked at ShotGrid for want of news.', (s) => Number(s.isBlind))
  counter(registry, { name: 'sg_cache_follow_failures_total', help: 'Failures in the background, by part.' }, () =>
    byWords(figures.followFailures, 'part'),
  )
  counter(
    registry,
    { name: 'sg_cache_swept_changes_total', help: 'Rows found changed without an event, by how they were found.' },
    () => byWords(figures.sweptChanges, 'part'),
  )
  counter(registry, { name: 'sg_cache_audited_total', help: 'Hits compared with ShotGrid, by verdict.' }, () =>
    byWords(figures.audited, 'verdict'),
  )
  counter(
    registry,
    { name: 'sg_cache_stale_served_total', help: 'Audited hits that were wrong, and nothing in the log said so.' },
    () => [{ value: figures.audited.of('stale') }],
  )
}

function addUpstream(registry: Registry, { figures, breakerIsOpen }: Sources): void {
  counter(registry, { name: 'sg_upstream_calls_total', help: 'Calls to ShotGrid, by method and outcome.' }, () =>
    byWords(figures.upstreamCalls, 'method', 'outcome'),
  )
  histogram(registry, { name: 'sg_upstream_call_duration_seconds', help: 'Time that calls to ShotGrid took.' }, () =>
    [...figures.upstreamDurations].map(([method, durations]) => ({ labels: { method }, histogram: durations })),
  )
  gauge(registry, { name: 'sg_upstream_breaker_open', help: '1 while calls fail at once.' }, () => [
    { value: Number(breakerIsOpen()) },
  ])
}

/** Of the tables that people query. */
function addRecords(registry: Registry, { figures }: Sources): void {
  counter(registry, { name: 'sg_records_changes_total', help: 'Changes that this process put into the trail.' }, () => [
    { value: figures.recordedChanges },
  ])
  counter(
    registry,
    {
      name: 'sg_records_failures_total',
      help: 'Times that the tables for people could no longer be written, by part.',
    },
    () => byWords(figures.recordFailures, 'part'),
  )
  counter(registry, { name: 'sg_records_let_go_total', help: 'What those tables go without, by part.' }, () =>
    byWords(figures.recordsLetGo, 'part'),
  )
}

function byView(counts: { readonly entity: number; readonly query: number }): Sample[] {
  return (['entity', 'query'] as const).map((view) => ({ value: counts[view], labels: { cache_type: view } }))
}

function* byWords(tally: Tally, ...names: string[]): Generator<Sample> {
  for (const { words, count } of tally.entries()) {
    yield { value: count, labels: Object.fromEntries(names.map((name, at) => [name, words[at] ?? ''])) }
  }
}

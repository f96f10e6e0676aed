/** How much is kept, and for how long when nothing says that it changed. */
import { z } from 'zod'
import { count, duration, durations, share, size } from '../setting.ts'

export const cache = z.strictObject({
  memory: size('512MB', 'The memory that cached replies may take.', { flag: 'memory', min: '1MB', max: '1024GB' }),
  max_entry: size('8MB', 'The largest reply that is kept; larger ones are passed on and counted.', {
    min: '1KB',
    max: '1GB',
  }),
  entity_ttl: duration('1h', 'How long one row is kept when no change of it is seen.', { min: '1s', max: '30d' }),
  query_ttl: duration('30m', 'How long the answer of a query is kept when no change that touches it is seen.', {
    min: '1s',
    max: '30d',
  }),
  ttl_by_type: durations('Other such times by entity type, for rows and queries alike.', {
    expects: 'durations by entity type, such as {Task: 5m}',
  }),
  restricted_ttl: duration(
    '5m',
    'The longest that any answer of a scope is kept that does not see everything: what it may see hangs on permissions, whose changes not all leave an event.',
    { min: '1s', max: '30d' },
  ),
  ttl_jitter: share(0.1, 'By what part a time to live is varied, so that replies read together do not end together.'),
  grace: duration(
    '24h',
    'How long past its end an answer may still be given, labelled stale, while ShotGrid is down.',
    {
      max: '30d',
    },
  ),
  stale_while_revalidate: duration(
    '0s',
    'How long past its end an answer that no change has touched may be given at once, while it is read anew in the background. "0s": never; the reader waits. Only for what the event log tells all of, in the native API.',
    { max: '30d' },
  ),
  settle: duration(
    '1s',
    'How far ShotGrid’s own reads may lag behind its events. A reply read so soon after a change that touches it is read once more. "0s" for a site known to be consistent.',
    { max: '5m' },
  ),
  change_log: count(200_000, 'How many changes are remembered. An answer older than the oldest is read again.', {
    min: 1000,
    max: 10_000_000,
  }),
})

export const audit = z.strictObject({
  share: share(0.001, 'The part of hits that is asked again at ShotGrid in the background and compared; 0 for none.'),
  per_minute: count(30, 'The most such comparisons in a minute.', { min: 0, max: 6000 }),
})

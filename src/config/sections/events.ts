/** Following ShotGrid: how soon a change is seen, by the way it can be seen. */
import { z } from 'zod'
import { count, duration, toggle, words } from '../setting.ts'

const entityType = /^[A-Za-z][A-Za-z0-9_]*$/

export const events = z.strictObject({
  enabled: toggle(true, 'Whether this process follows the event log. Without it answers end only by their TTL.'),
  here: toggle(
    true,
    'Whether this process takes part in following. Where `sgcache listen` runs, "false" leaves it to that; with nobody following, hits are checked at ShotGrid all the same.',
  ),
  poll: duration('5s', 'How often new entries of the event log are asked for.', {
    flag: 'poll',
    min: '200ms',
    max: '5m',
  }),
  batch: count(500, 'How many entries are asked for at a time; a full batch is followed by the next at once.', {
    min: 100,
    max: 5000,
  }),
  gap_window: count(1000, 'How many ids below the newest are watched for late entries at the first start.', {
    min: 0,
    max: 100_000,
  }),
  blind_after: duration('30s', 'Without news from the event log for so long, hits are checked at ShotGrid.', {
    min: '1s',
    max: '1h',
  }),
  longest_transaction: duration('5m', 'How long after its id was given an entry may still appear.', {
    min: '1s',
    max: '1d',
  }),
  sweep: duration('3m', 'How often each cached type is read for changes that left no event; "0s" for never.', {
    max: '1d',
  }),
  sweep_overlap: duration('30s', 'How far a sweep reaches back behind the one before, for clocks that differ.', {
    max: '1h',
  }),
  id_set: duration(
    '30m',
    'How often the ids of each cached type are compared, for rows that vanished without an event; "0s" for never.',
    {
      max: '7d',
    },
  ),
})

export const warm = z.strictObject({
  types: words(['Project', 'Shot', 'Asset'], 'Entity types read whole at the start and kept up to date by id.', {
    flag: 'warm',
    pattern: entityType,
    expects: 'a list of entity types, such as [Project, Shot, Asset]',
    itemExpects: 'an entity type such as "Shot"',
  }),
  page: count(500, 'How many rows are read at a time.', { min: 1, max: 5000 }),
  max_rows: count(200_000, 'The most rows of one type that are warmed.', { min: 0, max: 10_000_000 }),
  refresh_delay: duration('1s', 'How soon after a change a warmed row is read again, several together.', {
    min: '10ms',
    max: '10m',
  }),
})

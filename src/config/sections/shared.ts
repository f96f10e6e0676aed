/** What the processes of a shared tier owe each other: how long one may answer from cache without word from the log. */
import { z } from 'zod'
import { duration } from '../setting.ts'

export const shared = z.strictObject({
  lease: duration(
    '2s',
    'How long a process may answer from cache without word from the change log. A write waits so long at the most for a process that is cut off. The same for all processes.',
    { min: '500ms', max: '30s' },
  ),
  slack: duration('500ms', 'How much longer than that the log waits, for clocks that do not run at the same speed.', {
    min: '50ms',
    max: '30s',
  }),
  follower_lease: duration('15s', 'How soon another process follows ShotGrid when the one that did is gone.', {
    min: '2s',
    max: '5m',
  }),
  deadline: duration('1s', 'How long one call to the change log may take.', { min: '50ms', max: '30s' }),
})

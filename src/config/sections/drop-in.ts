/** The API of the site itself, for clients that are pointed here instead. */
import { z } from 'zod'
import { duration, size, toggle } from '../setting.ts'

export const dropIn = z.strictObject({
  enabled: toggle(true, 'Whether POST /api3/json and the paths of files and the REST API are answered.'),
  proof_interval: duration(
    '1m',
    'How long after ShotGrid has accepted a caller’s credentials they are answered from cache without asking it again.',
    { min: '1s', max: '1h' },
  ),
  body_limit: size('10MB', 'The largest call that is read; a larger one goes through to ShotGrid unread.', {
    min: '1KB',
    max: '100MB',
  }),
})

/** What sgcache says of itself while it runs. */
import { z } from 'zod'
import { choice } from '../setting.ts'

export const log = z.strictObject({
  level: choice(['debug', 'info', 'warn', 'error', 'silent'], 'info', 'The least important message that is written.', {
    flag: 'log-level',
  }),
  format: choice(
    ['auto', 'json', 'text'],
    'auto',
    'One JSON object a line, or text for people; "auto" is text on a terminal and JSON elsewhere.',
  ),
})

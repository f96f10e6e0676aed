/** The migrations of the schema, in order. See `migrate.ts` for how to add one. */
import type { Migration } from '../migrate.ts'
import { log } from './001-log.ts'
import { frames } from './002-frames.ts'
import { history } from './003-history.ts'
import { questions } from './004-questions.ts'

export const migrations: readonly Migration[] = [log, frames, history, questions]

/** The measurements inside one process, in a process of its own with the collector at hand; JSON on stdout. */
import { measureEntryMemory, measureInvalidation, measureLogMemory, measureManyChanges } from './invalidation.ts'

const memory = await measureEntryMemory()
const log = await measureLogMemory()
const many = await measureManyChanges(10_000)
const invalidation = await measureInvalidation([1_000, 10_000, 100_000])

export interface Internals {
  readonly memory: typeof memory
  readonly log: typeof log
  readonly many: typeof many
  readonly invalidation: typeof invalidation
}

const internals: Internals = { memory, log, many, invalidation }
console.log(JSON.stringify(internals))

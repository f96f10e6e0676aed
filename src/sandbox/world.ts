/**
 * The parts of one simulated site, as the methods see them.
 */
import type { Clock } from '../clock.ts'
import type { Credentials } from './credentials.ts'
import type { EventLog } from './event-log.ts'
import type { Follows } from './follows.ts'
import type { Journal } from './journal.ts'
import type { PerUserValues } from './per-user.ts'
import type { SeededRandom } from './random.ts'
import type { Roles } from './roles.ts'
import type { SiteSchema } from './site-schema.ts'
import type { Store } from './store.ts'
import type { SandboxSwitches } from './switches.ts'
import type { Transaction } from './transaction.ts'
import type { WorkSchedule } from './work-schedule.ts'

export interface World {
  readonly clock: Clock
  readonly random: SeededRandom
  readonly schema: SiteSchema
  readonly store: Store
  readonly eventLog: EventLog
  readonly credentials: Credentials
  readonly roles: Roles
  readonly perUser: PerUserValues
  readonly follows: Follows
  readonly journal: Journal
  readonly switches: SandboxSwitches
  /** Rows that an open transaction has written. */
  readonly locks: Map<string, Transaction>
  readonly preferences: Map<string, unknown>
  readonly workSchedule: WorkSchedule
  /** By the id of the person. */
  readonly subscriptions: Map<number, unknown>
  /** Where files are served; known once the site listens. */
  siteUrl: string
  /** Uploaded bytes by attachment. */
  readonly uploads: Map<number, Buffer>
}

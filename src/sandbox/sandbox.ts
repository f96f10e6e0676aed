/**
 * A simulated ShotGrid site: for a first run without an account, for development, and for tests.
 *
 * It speaks `/api3/json` as the public client does, in process or over HTTP, with a studio's worth of rows made from a
 * seed, permissions, an event log with the real one's habits, and switches for everything that can go wrong. Time comes
 * in as a clock: on a virtual one, hours of a working studio pass in seconds, the same way each time.
 */
import type { Clock } from '../clock.ts'
import { systemClock } from '../clock.ts'
import type { WireSchema } from '../shotgrid/schema.ts'
import type { Transport } from '../shotgrid/transport.ts'
import type { EntityLink, Envelope } from '../shotgrid/wire.ts'
import { type Activity, type ActivityOptions, Studio } from './activity.ts'
import { administration } from './administration.ts'
import { Credentials } from './credentials.ts'
import { EventLog } from './event-log.ts'
import { exchange } from './exchange.ts'
import { Follows } from './follows.ts'
import { type Listening, type ListenOptions, listen } from './http.ts'
import { type CommitListener, Journal } from './journal.ts'
import { OpenTransaction } from './open-transaction.ts'
import { PerUserValues } from './per-user.ts'
import { SeededRandom } from './random.ts'
import { type Role, Roles } from './roles.ts'
import { seedEvents } from './seed-events.ts'
import { Site } from './site.ts'
import { SiteSchema } from './site-schema.ts'
import { Store } from './store.ts'
import { buildStudio, StudioBuilder, type StudioSize, studioPlans } from './studio.ts'
import { defaultSwitches, type SandboxSwitches } from './switches.ts'
import { WorkSchedule } from './work-schedule.ts'
import type { World } from './world.ts'

export interface SandboxOptions {
  /** Default 1. */
  readonly seed: number
  /** Default `studio`. */
  readonly size: StudioSize
  /** Default: the system's. */
  readonly clock: Clock
  readonly switches: Partial<SandboxSwitches>
  /** Writes per second that the studio makes by itself while it listens. Default 0. */
  readonly activity: number
}

export interface Sandbox {
  /** The address, once it listens; before, one that leads nowhere. */
  readonly url: string
  /** Turn them at any time; they hold from the next request on. */
  readonly switches: SandboxSwitches
  /** One JSON-RPC call, done at once, without latency or mishaps: `{results}` or a fault object. */
  call(envelope: Envelope): unknown
  /** The site at the other end of a network in which the switches decide. In process, on the sandbox's clock. */
  transport(): Transport
  listen(options: ListenOptions): Promise<Listening>
  schema(): WireSchema
  /** A transaction that stays open until it is ended by hand: its ids are taken, its rows unseen. */
  begin(): OpenTransaction
  /** Told of every committed transaction. Returns what ends it. */
  onCommit(listener: CommitListener): () => void
  /** One random write of a working studio, now. What it did, in a few words. */
  act(): string
  /** A working studio, until it is stopped. */
  startActivity(options: ActivityOptions): Activity
  /** The key or password no longer lets anybody in; open sessions end. */
  revoke(name: string): void
  /** Another key or password from now on. */
  rotate(name: string, secret: string): void
  /** Other rules for a role, such as `artist`: an event tells that rules changed, but not which. */
  setRole(name: string, role: Role): void
  setPreference(name: string, value: unknown): void
  /** Events that are committed and cannot be read yet. */
  readonly waitingEvents: number
  /** The event log forgets all but its newest entries. */
  cullEvents(keep: number): void
  /** Who a script or login is, as a link. */
  identity(name: string): EntityLink
}

const nowhere = 'http://sandbox.invalid'

export function createSandbox(options: Partial<SandboxOptions> = {}): Sandbox {
  const world = createWorld(options)
  const site = new Site(world)
  const admin = administration(site)
  const studio = new Studio(site, options.seed ?? 1)
  return {
    get url() {
      return world.siteUrl
    },
    get waitingEvents() {
      return world.eventLog.waiting
    },
    switches: world.switches,
    call: (envelope) => site.call(envelope),
    transport: () => (request) => exchange(site, request),
    listen: async (where) => {
      const listening = await listen(site, where)
      world.siteUrl = listening.address
      const activity = options.activity ? studio.start({ perSecond: options.activity }) : undefined
      return {
        address: listening.address,
        close: async () => {
          await activity?.stop()
          await listening.close()
        },
      }
    },
    schema: () => world.schema.wire(),
    begin: () => new OpenTransaction(site),
    onCommit: (listener) => world.journal.onCommit(listener),
    cullEvents: (keep) => world.eventLog.cull(keep),
    act: () => studio.act(),
    startActivity: (activity) => studio.start(activity),
    ...admin,
  }
}

/** The parts of a site with its studio in place; `createSandbox` puts the outside around them. */
export function createWorld(options: Partial<SandboxOptions>): World {
  const { seed = 1, size = 'studio', clock = systemClock } = options
  const switches = { ...defaultSwitches(), ...options.switches }
  const random = new SeededRandom(seed)
  const schema = new SiteSchema()
  const store = new Store(schema)
  const roles = new Roles()
  const credentials = new Credentials(store, roles, random, switches)
  buildStudio(new StudioBuilder(store, schema, random, studioPlans[size], clock.now()))
  seedEvents(store, clock.now())
  credentials.requireTwoFactors('tess')
  return {
    clock,
    random,
    schema,
    store,
    roles,
    credentials,
    switches,
    eventLog: new EventLog(store, switches),
    perUser: new PerUserValues(),
    follows: new Follows(),
    journal: new Journal(),
    locks: new Map(),
    preferences: new Map<string, unknown>([
      ['hours_per_day', 8],
      ['format_date_fields', 'MM/DD/YY'],
    ]),
    workSchedule: new WorkSchedule(),
    subscriptions: new Map(),
    siteUrl: nowhere,
    uploads: new Map(),
  }
}

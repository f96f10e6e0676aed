/**
 * The believable studio: rows as they would stand after some months of work, made from a seed. The same seed and the
 * same day give the same studio, to the last id.
 *
 * They are put in place without events or transactions: a site is older than its event log.
 */
import { isoDate, isoSeconds } from './dates.ts'
import type { SeededRandom } from './random.ts'
import type { Ref, Values } from './row.ts'
import type { SiteSchema } from './site-schema.ts'
import type { Store } from './store.ts'
import { assignments, people } from './studio-people.ts'
import { productions } from './studio-projects.ts'

export type StudioSize = 'tiny' | 'studio' | 'large'

export interface StudioPlan {
  readonly projects: number
  readonly people: number
  readonly sequencesPerProject: number
  readonly shotsPerSequence: number
  readonly assetsPerProject: number
  readonly tasksPerShot: number
  readonly tasksPerAsset: number
  /** The share of shot tasks that have versions. */
  readonly versionShare: number
  readonly notesPerProject: number
  readonly playlistsPerProject: number
}

/** 'tiny' has a few dozen rows of each kind, 'studio' 600 shots and 240 assets, 'large' 100,000 tasks. */
export const studioPlans: Readonly<Record<StudioSize, StudioPlan>> = {
  tiny: {
    projects: 3,
    people: 6,
    sequencesPerProject: 2,
    shotsPerSequence: 2,
    assetsPerProject: 3,
    tasksPerShot: 2,
    tasksPerAsset: 1,
    versionShare: 0.5,
    notesPerProject: 3,
    playlistsPerProject: 1,
  },
  studio: {
    projects: 4,
    people: 40,
    sequencesPerProject: 10,
    shotsPerSequence: 15,
    assetsPerProject: 60,
    tasksPerShot: 5,
    tasksPerAsset: 4,
    versionShare: 0.4,
    notesPerProject: 60,
    playlistsPerProject: 8,
  },
  large: {
    projects: 8,
    people: 200,
    sequencesPerProject: 40,
    shotsPerSequence: 50,
    assetsPerProject: 1_000,
    tasksPerShot: 5,
    tasksPerAsset: 3,
    versionShare: 0.2,
    notesPerProject: 200,
    playlistsPerProject: 20,
  },
}

/** Puts rows in place, with ids in the order of making and moments that lie before now. */
export class StudioBuilder {
  readonly random: SeededRandom
  readonly plan: StudioPlan
  readonly #store: Store
  readonly #schema: SiteSchema
  readonly #todayMs: number
  /** Who has made what is not said otherwise. */
  owner: Ref = { type: 'HumanUser', id: 1 }

  constructor(store: Store, schema: SiteSchema, random: SeededRandom, plan: StudioPlan, nowMs: number) {
    this.#store = store
    this.#schema = schema
    this.random = random
    this.plan = plan
    this.#todayMs = Math.floor(nowMs / 86_400_000) * 86_400_000
  }

  add(type: string, given: Values): Ref {
    const values: Record<string, unknown> = {}
    for (const field of this.#schema.fields(type).values()) {
      if (field.source.kind === 'stored') values[field.name] = field.defaultValue
    }
    const created = this.moment(-120, -1)
    if ('created_at' in values) Object.assign(values, { created_at: created, created_by: this.owner })
    if ('updated_at' in values) Object.assign(values, { updated_at: created, updated_by: this.owner })
    const id = this.#store.table(type).takeId()
    this.#store.put({ type, id, retired: false, values: { ...values, ...given } })
    return { type, id }
  }

  /** Adds values to a row made before. */
  amend(ref: Ref, values: Values): void {
    const row = this.#store.get(ref.type, ref.id)!
    this.#store.put({ ...row, values: { ...row.values, ...values } })
  }

  /** A file on a disk of the studio, as value of a `url` field. */
  file(storage: Ref, relativePath: string, project: Ref): Ref {
    const name = relativePath.slice(relativePath.lastIndexOf('/') + 1)
    const file = { kind: 'local', name, storageId: storage.id, relativePath }
    const ref = this.add('Attachment', { file, filename: name, display_name: name, project })
    this.amend(ref, { this_file: ref })
    return ref
  }

  /** A date-time between two days, counted from today. */
  moment(fromDay: number, toDay: number): string {
    const day = this.random.between(fromDay, toDay)
    return isoSeconds(this.#todayMs + day * 86_400_000 + this.random.int(86_400) * 1000)
  }

  date(day: number): string {
    return isoDate(this.#todayMs + day * 86_400_000)
  }
}

export function buildStudio(builder: StudioBuilder): void {
  const staff = people(builder)
  const projects = productions(builder, staff)
  assignments(builder, staff, projects)
}

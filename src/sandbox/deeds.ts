/**
 * What a studio does all day, one deed at a time: each picks rows that its writer sees and writes to them.
 */
import { isoDate } from './dates.ts'
import type { SeededRandom } from './random.ts'
import type { Args } from './read.ts'
import { liveRow, type Ref, refsIn, type StoredRow } from './row.ts'
import { create, remove, revive, update } from './write.ts'
import type { Writing } from './writing.ts'

/** How often each kind of write happens, out of 100: mostly statuses move. */
export const activityWeights = {
  status: 45,
  publish: 14,
  note: 8,
  describe: 8,
  dates: 7,
  assign: 6,
  playlist: 3,
  rename: 3,
  task: 2.5,
  shot: 1.5,
  remove: 1.5,
  revive: 0.5,
} as const

export type Deed = keyof typeof activityWeights

/** What artists may not do. */
export const leading: ReadonlySet<Deed> = new Set<Deed>(['rename', 'task', 'shot', 'remove', 'revive'])

export class Deeds {
  readonly #random: SeededRandom
  #serial = 0

  constructor(random: SeededRandom) {
    this.#random = random
  }

  /** What was done, in a few words; `nothing` if there was no row to do it to. */
  do(deed: Deed, writing: Writing): string {
    return this.#deeds[deed](writing)
  }

  readonly #deeds: Readonly<Record<Deed, (writing: Writing) => string>> = {
    status: (writing) => {
      const type = this.#random.weighted({ Task: 6, Version: 2, Shot: 1.5, Asset: 0.5 })
      const values = writing.world.schema.field(type, 'sg_status_list')!.validValues
      return this.#set(writing, this.#some(writing, type), { sg_status_list: this.#random.pick(values) })
    },
    publish: (writing) => this.#publish(writing),
    note: (writing) => this.#note(writing),
    describe: (writing) => {
      const words = ['softer', 'closer', 'earlier', 'as boarded', 'waiting for plates']
      return this.#set(writing, this.#some(writing, 'Shot'), { description: this.#random.pick(words) })
    },
    dates: (writing) => {
      const day = writing.world.clock.now() + this.#random.between(-10, 30) * 86_400_000
      return this.#set(writing, this.#some(writing, 'Task'), { start_date: isoDate(day) })
    },
    assign: (writing) => {
      const people = [this.#some(writing, 'HumanUser'), this.#some(writing, 'HumanUser')].flatMap((row) =>
        row ? [link(row)] : [],
      )
      return this.#set(writing, this.#some(writing, 'Task'), {
        task_assignees: people.slice(0, this.#random.between(0, 2)),
      })
    },
    playlist: (writing) => {
      const version = this.#some(writing, 'Version')
      return this.#set(writing, this.#some(writing, 'Playlist'), { versions: version ? [link(version)] : [] }, 'add')
    },
    rename: (writing) => {
      const row = this.#some(
        writing,
        this.#random.weighted({ Shot: 3, Asset: 3, Version: 1, Sequence: 1, Playlist: 1 }),
      )
      return this.#set(writing, row, { code: `${String(row?.values.code).replace(/~\d+$/, '')}~${this.#next()}` })
    },
    task: (writing) => {
      const shot = this.#some(writing, 'Shot')
      const content = `${this.#random.pick(['roto', 'matte', 'cleanup', 'sim'])} ${this.#next()}`
      return shot
        ? this.#make(writing, 'Task', { content, project: shot.values.project, entity: link(shot) })
        : 'nothing'
    },
    shot: (writing) => this.#shot(writing),
    remove: (writing) => {
      const row = this.#some(writing, this.#random.weighted({ Version: 4, Task: 3, Note: 2, Shot: 1, Asset: 0.5 }))
      if (!row) return 'nothing'
      remove(writing, row as unknown as Args) // a row has the type and id that a delete names
      return `deleted ${row.type} ${row.id}`
    },
    revive: (writing) => {
      const type = this.#random.pick(['Version', 'Task', 'Note', 'Shot'])
      const row = this.#some(writing, type, (candidate) => candidate.retired)
      if (!row) return 'nothing'
      revive(writing, row as unknown as Args) // as above
      return `revived ${row.type} ${row.id}`
    },
  }

  #publish(writing: Writing): string {
    const task = this.#some(writing, 'Task', (row) => !row.retired && refsIn(row.values.entity).length > 0)
    const entity = task && liveRow(writing.tx.view, task.values.entity)
    if (!task || !entity) return 'nothing'
    const stem = `${String(entity.values.code)}_${String(task.values.content)}`
    const number = this.#next()
    const { project } = task.values
    const about = { project, entity: link(entity) }
    const code = `${stem}_v${String(number).padStart(3, '0')}`
    const { id } = create(writing, createArgs('Version', { code, ...about, sg_task: link(task) }))
    const version = { type: 'Version', id }
    const links = { task: link(task), version }
    const file = { code: `${code}.exr`, name: stem, version_number: number, path_cache: `${code}.exr` }
    create(writing, createArgs('PublishedFile', { ...file, ...about, ...links }))
    return `published ${code}`
  }

  #note(writing: Writing): string {
    const target = this.#some(writing, this.#random.pick(['Version', 'Shot', 'Task']))
    const person = this.#some(writing, 'HumanUser')
    if (!target || !person) return 'nothing'
    const links = target.type === 'Task' ? { tasks: [link(target)] } : { note_links: [link(target)] }
    const subject = `Note ${this.#next()} on ${target.type.toLowerCase()} ${target.id}`
    const { project } = target.values
    return this.#make(writing, 'Note', {
      subject,
      content: 'See frame 1034.',
      project,
      addressings_to: [link(person)],
      ...links,
    })
  }

  #shot(writing: Writing): string {
    const sequence = this.#some(writing, 'Sequence')
    if (!sequence) return 'nothing'
    const template = this.#some(writing, 'TaskTemplate', (row) => row.values.entity_type === 'Shot' && !row.retired)
    const code = `${String(sequence.values.code)}_sh${9_000 + this.#next()}`
    const values = { code, project: sequence.values.project, sg_sequence: link(sequence) }
    return this.#make(writing, 'Shot', { ...values, ...(template && { task_template: link(template) }) })
  }

  #set(writing: Writing, row: StoredRow | undefined, values: Args, mode = 'set'): string {
    if (!row) return 'nothing'
    const fields = fieldList(values).map((field) => ({ ...field, multi_entity_update_mode: mode }))
    update(writing, { type: row.type, id: row.id, fields })
    return `changed ${Object.keys(values).join(', ')} of ${row.type} ${row.id}`
  }

  #make(writing: Writing, type: string, values: Args): string {
    return `made ${type} ${create(writing, createArgs(type, values)).id}`
  }

  /** Any row of the type that will do and that the writer sees, or none if a few tries find none. */
  #some(
    { tx, reading }: Writing,
    type: string,
    fits: (row: StoredRow) => boolean = (row) => !row.retired,
  ): StoredRow | undefined {
    const ids = tx.view.ids(type)
    for (let tries = 0; tries < 20 && ids.length > 0; tries += 1) {
      const row = tx.view.get(type, this.#random.pick(ids))
      if (row && fits(row) && reading.sight.seesRow(row)) return row
    }
    return undefined
  }

  #next(): number {
    this.#serial += 1
    return this.#serial
  }
}

function link({ type, id }: Ref): Ref {
  return { type, id }
}

function fieldList(values: Args): readonly { readonly field_name: string; readonly value: unknown }[] {
  return Object.entries(values).map(([name, value]) => ({ field_name: name, value }))
}

function createArgs(type: string, values: Args): Args {
  return { type, fields: fieldList(values), return_fields: [] }
}

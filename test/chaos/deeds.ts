/** Random writes whose traces can be found again: each row they touch gets a mark of its own. */
import type { Random } from '../support/random.ts'
import { markFields, type Site } from './site.ts'

export interface FieldValue {
  readonly field_name: string
  readonly value: unknown
}

/** One call of the site's API. */
export interface Deed {
  readonly method: 'update' | 'create' | 'delete' | 'revive' | 'batch'
  readonly args: unknown
  /** That it leaves in rows. */
  readonly marks: readonly string[]
  /** The row that it retires or brings back. */
  readonly row?: string
  /** In words. */
  readonly name: string
}

const usualStatuses = ['wtg', 'rdy', 'ip', 'fin']
const versionStatuses = ['na', 'rev', 'vwd', 'apr']

export class Deeds {
  readonly #site: Site
  readonly #random: Random
  #marks = 0

  constructor(site: Site, random: Random) {
    this.#site = site
    this.#random = random
  }

  /** Of one row of these types, with one or two other fields. */
  update(types: readonly string[]): Deed {
    const { type, id, fields, mark } = this.#change(types)
    return {
      method: 'update',
      args: { type, id, fields },
      marks: [mark],
      name: `update ${type} ${id} ${JSON.stringify(fields.map(({ field_name, value }) => [field_name, value]))}`,
    }
  }

  /** Several rows in one transaction. */
  batch(types: readonly string[]): Deed {
    const changes = [this.#change(types), this.#change(types)]
    const requests = changes.map(({ type, id, fields }) => ({ request_type: 'update', type, id, fields }))
    const name = `batch ${changes.map(({ type, id, mark }) => `${type} ${id} ${mark}`).join(', ')}`
    return { method: 'batch', args: requests, marks: changes.map(({ mark }) => mark), name }
  }

  create(type: 'Task' | 'Version'): Deed {
    const mark = this.#mark()
    const project = { type: 'Project', id: 1 }
    const entity = { type: 'Shot', id: this.#random.pick(this.#ids('Shot')) }
    const name = type === 'Task' ? 'content' : 'code'
    const values = { [name]: `made ${mark}`, project, entity, [markFields[type]!]: mark }
    const fields = Object.entries(values).map(([field_name, value]) => ({ field_name, value }))
    return {
      method: 'create',
      args: { type, fields, return_fields: ['id'] },
      marks: [mark],
      name: `create ${type} ${mark}`,
    }
  }

  retire(type: string): Deed {
    const id = this.#random.pick(this.#ids(type))
    return { method: 'delete', args: { type, id }, marks: [], row: `${type} ${id}`, name: `retire ${type} ${id}` }
  }

  revive(row: string): Deed {
    const [type, id] = row.split(' ')
    return { method: 'revive', args: { type, id: Number(id) }, marks: [], row, name: `revive ${row}` }
  }

  #change(types: readonly string[]) {
    const type = this.#random.pick(types)
    const mark = this.#mark()
    const fields = [{ field_name: markFields[type]!, value: mark }, ...this.#others(type)]
    return { type, id: this.#random.pick(this.#ids(type)), fields, mark }
  }

  #others(type: string): FieldValue[] {
    const random = this.#random
    const statuses = type === 'Version' ? versionStatuses : usualStatuses
    const status = { field_name: 'sg_status_list', value: random.pick(statuses) }
    if (type === 'Sequence') return []
    if (random.chance(0.4)) return [status]
    const shot = () => ({ type: 'Shot', id: random.pick(this.#ids('Shot')) })
    const others: Record<string, () => FieldValue> = {
      Shot: () => random.pick([this.#cut(), { field_name: 'code', value: `shot ${this.#marks}` }]),
      Task: () => random.pick([{ field_name: 'entity', value: shot() }, status]),
    }
    return random.chance(0.5) ? [others[type]?.() ?? status] : []
  }

  /** So that the order of shots changes. */
  #cut(): FieldValue {
    return { field_name: 'sg_cut_in', value: this.#marks }
  }

  #mark(): string {
    this.#marks += 1
    return `m${this.#marks}`
  }

  /** Few rows, so that the same answers change again and again. */
  #ids(type: string): readonly number[] {
    return this.#site.ids(type).slice(0, 12)
  }
}

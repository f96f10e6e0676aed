/**
 * Random transactions on the tiny site, and the changes by which a log would tell of them: one for each field, some
 * without old or new value, some with the project of before, in any order; or, for a writer without events, none but
 * what a sweep finds later.
 */
import type { Change, ChangeRecord } from '../../../src/cache/change.ts'
import { isLinkList } from '../../../src/shotgrid/schema.ts'
import type { Random } from '../../support/random.ts'
import { inversePairs, tinySchema, vocabulary } from './tiny-schema.ts'
import { nameOf, type Ref, type TinyRow, TinySite } from './tiny-site.ts'

const firstRows: Readonly<Record<string, number>> = {
  Project: 2,
  Sequence: 2,
  Asset: 2,
  HumanUser: 2,
  Shot: 4,
  Task: 5,
}

export class TinyHistory {
  readonly site = new TinySite()
  /** Records of what happened since they were last taken. */
  records: ChangeRecord[] = []
  readonly #random: Random
  /** Whether the site tells of the other side of a link. */
  readonly #tellsInverse: boolean
  #tick = 0

  constructor(random: Random) {
    this.#random = random
    this.#tellsInverse = random.chance(0.5)
    for (const [type, count] of Object.entries(firstRows)) {
      for (let id = 1; id <= count; id += 1) this.site.add(type, id, {})
    }
    for (const type of Object.keys(firstRows)) for (const row of this.site.all(type)) this.#fill(row)
    for (const row of this.#live('Task')) if (random.chance(0.15)) row.retired = true
    this.records = []
  }

  /** Several fields of one or two rows, one commit. */
  transaction(): void {
    if (this.#random.chance(0.12)) this.#silently()
    else for (let rows = this.#random.chance(0.75) ? 1 : 2; rows > 0; rows -= 1) this.#act()
  }

  /** What the log holds of the records: shuffled, partly forgotten. */
  changes(): readonly Change[] {
    const random = this.#random
    const left = [...this.records]
    this.records = []
    const changes: Change[] = []
    while (left.length > 0) {
      const [record] = left.splice(random.int(left.length), 1) as [ChangeRecord]
      changes.push({ ...this.#forget(record), epoch: 'e', seq: changes.length + 1, at: 0 })
    }
    return changes
  }

  #act(): void {
    const random = this.#random
    const type = random.weighted([
      [6, 'Task'],
      [5, 'Shot'],
      [2, 'Sequence'],
      [2, 'Asset'],
      [1.5, 'HumanUser'],
      [1.5, 'Project'],
    ])
    const dice = random.next()
    const isRevival = dice >= 0.1 && dice < 0.16
    const rows = isRevival ? this.site.all(type).filter((row) => row.retired) : this.#live(type)
    if (dice < 0.1) this.#create(type)
    else if (rows.length === 0) return
    else if (isRevival) this.#presence(random.pick(rows), 'revive')
    else if (dice < 0.24) this.#presence(random.pick(rows), 'retire')
    else this.#edit(random.pick(rows))
  }

  #create(type: string): void {
    const id = Math.max(0, ...this.site.all(type).map((row) => row.id)) + 1
    const before = this.records.length
    const row = this.site.add(type, id, {})
    this.#fill(row)
    const told = this.records.slice(before).filter((record) => record.type === type && record.ids[0] === id)
    const others = this.records.slice(before).filter((record) => !told.includes(record))
    const values: Record<string, unknown> = {}
    for (const record of told) {
      if (record.added) values[record.field] = record.added
      else if (record.new !== null && record.new !== undefined) values[record.field] = record.new
    }
    const record = { ...this.#base(row), kind: 'create', field: 'any' } as const
    this.records = [...this.records.slice(0, before), ...others]
    this.records.push({ ...record, ...(this.#random.chance(0.7) && { values }) })
  }

  #presence(row: TinyRow, kind: 'retire' | 'revive'): void {
    row.retired = kind === 'retire'
    this.#touch(row)
    this.records.push({ ...this.#base(row), kind, field: 'any' })
  }

  #edit(row: TinyRow): void {
    const tag = this.#base(row) // of before, as it happens on some sites
    const before = this.records.length
    const names = this.#fieldsOf(row.type)
    // Mostly one field, so that no other change stands in for one that is missed.
    for (const name of this.#random.some(names, this.#random.chance(0.7) ? 1 : names.length / 3)) this.#set(row, name)
    if (this.#random.chance(0.5)) return
    this.records = this.records.map((record, i) =>
      i >= before && record.type === row.type && record.ids[0] === row.id ? { ...record, ...tag } : record,
    )
  }

  /** A writer without events: a sweep finds the row later, another look the rows that came or went. */
  #silently(): void {
    const told = this.records
    const before = this.site.copy()
    this.records = []
    this.#act()
    this.records = told
    for (const type of Object.keys(firstRows)) {
      for (const row of this.site.all(type)) {
        const was = before.row(row)
        const found = { source: 'sweep', type, ids: [row.id], field: 'any' } as const
        if (!was) this.records.push({ ...found, kind: 'create' })
        else if (was.retired !== row.retired) this.records.push({ ...found, kind: row.retired ? 'retire' : 'revive' })
        // The other side of a link is not edited: nothing shows that it changed.
        else if (was.values.touched !== row.values.touched) this.records.push({ ...found, kind: 'change' })
      }
    }
  }

  #fill(row: TinyRow): void {
    for (const name of this.#fieldsOf(row.type)) {
      if (isLinkList(tinySchema.field(row.type, name)!.dataType)) row.values[name] ??= []
      if (row.values[name] === undefined || this.#random.chance(0.6)) this.#set(row, name)
    }
    this.#touch(row)
  }

  #fieldsOf(type: string): string[] {
    const untouchable = ['updated_at', 'updated_by', 'cached_display_name', ...(type === 'HumanUser' ? ['name'] : [])]
    return [...tinySchema.fields(type).keys()].filter((name) => !untouchable.includes(name))
  }

  #set(row: TinyRow, name: string): void {
    const { dataType } = tinySchema.field(row.type, name)!
    if (isLinkList(dataType)) this.#setList(row, name)
    else {
      const old = row.values[name] ?? null
      const value = dataType === 'entity' ? this.#target(row.type, name) : this.#random.pick(vocabulary[name]!)
      row.values[name] = value
      this.#tell(row, name, { old: this.#spelled(old), new: this.#spelled(value) })
      if (dataType === 'entity') this.#mirror(row, name, listOf(old), listOf(value))
    }
    this.#touch(row)
  }

  #setList(row: TinyRow, name: string): void {
    const old = listOf(row.values[name])
    const type = tinySchema.field(row.type, name)!.validTypes[0]!
    const value = this.#live(type)
      .filter(() => this.#random.chance(0.35))
      .map(({ id }) => ({ type, id }))
    row.values[name] = value
    this.#tell(row, name, { added: minus(value, old), removed: minus(old, value) })
    this.#mirror(row, name, old, value)
  }

  /** Keeps the other side of a link in step. */
  #mirror(row: TinyRow, name: string, old: readonly Ref[], value: readonly Ref[]): void {
    const inverse = inverseOf(`${row.type}.${name}`)
    if (!inverse) return
    const [type, field] = inverse.split('.') as [string, string]
    const self = { type: row.type, id: row.id }
    for (const ref of minus(old, value)) if (ref.type === type) this.#mirrorOne(ref, field, self, false)
    for (const ref of minus(value, old)) if (ref.type === type) this.#mirrorOne(ref, field, self, true)
  }

  #mirrorOne(ref: Ref, field: string, self: Ref, joins: boolean): void {
    const other = this.site.row(ref)
    if (!other) return
    if (isLinkList(tinySchema.field(ref.type, field)!.dataType)) {
      const list = minus(listOf(other.values[field]), [self])
      other.values[field] = joins ? [...list, self] : list
      const moved = { added: joins ? [self] : [], removed: joins ? [] : [self] }
      if (this.#tellsInverse) this.#tell(other, field, moved, false)
      return
    }
    const old = other.values[field] ?? null
    other.values[field] = joins ? self : null
    if (this.#tellsInverse)
      this.#tell(other, field, { old: this.#spelled(old), new: joins ? this.#spelled(self) : null })
    // A single link is taken away from the row that had it.
    if (joins) for (const last of listOf(old)) this.#leaveList(last, self, other)
  }

  #leaveList(last: Ref, self: Ref, other: TinyRow): void {
    const [, field] = inverseOf(`${other.type}.${fieldTo(other.type, last.type)}`)?.split('.') ?? []
    const loser = this.site.row(last)
    if (!field || !loser || (last.id === self.id && last.type === self.type)) return
    const gone = { type: other.type, id: other.id }
    loser.values[field] = minus(listOf(loser.values[field]), [gone])
    this.#tell(loser, field, { added: [], removed: [gone] }, false)
  }

  #tell(row: TinyRow, field: string, said: Partial<ChangeRecord>, withProject = true): void {
    const { project, ...base } = this.#base(row)
    this.records.push({ ...base, kind: 'change', field, ...(withProject && project && { project }), ...said })
  }

  #base(row: TinyRow) {
    const project = row.values.project as Ref | null | undefined // the field is a link
    return {
      source: 'event',
      type: row.type,
      ids: [row.id],
      ...(tinySchema.field(row.type, 'project') && { project: project ? project.id : ('none' as const) }),
    } as const
  }

  #touch(row: TinyRow): void {
    this.#tick += 1
    row.values.updated_at = `2026-03-10T12:${String(this.#tick % 60).padStart(2, '0')}:00Z`
    row.values.updated_by = { type: 'HumanUser', id: 1 + (this.#tick % 2) }
    row.values.touched = this.#tick
  }

  #target(type: string, name: string): Ref | null {
    const live = tinySchema.field(type, name)!.validTypes.flatMap((target) => this.#live(target))
    const nullable = name !== 'project' || this.#random.chance(0.1)
    if (live.length === 0 || (nullable && this.#random.chance(0.2))) return null
    const row = this.#random.pick(live)
    return { type: row.type, id: row.id }
  }

  #spelled(value: unknown): unknown {
    const row = isRef(value) ? this.site.row(value) : undefined
    return row ? { type: row.type, id: row.id, name: nameOf(row) } : value
  }

  #live(type: string): TinyRow[] {
    return this.site.all(type).filter((row) => !row.retired)
  }

  #forget(record: ChangeRecord): ChangeRecord {
    const random = this.#random
    const { old, new: after, added, removed, project, ...rest } = record
    const isWrite = record.source === 'event' && random.chance(0.1)
    const knowsOld = !isWrite && random.chance(0.85)
    const knowsNew = random.chance(0.95)
    return {
      ...rest,
      ...(isWrite && { source: 'write' }),
      ...(record.ids !== 'any' && random.chance(0.03) && { ids: 'any' }),
      ...(knowsOld && old !== undefined && { old }),
      ...(knowsNew && after !== undefined && { new: after }),
      ...(knowsNew && added && { added, removed }),
      ...(random.chance(0.9) && project !== undefined && { project }),
    }
  }
}

function inverseOf(path: string): string | undefined {
  for (const [a, b] of inversePairs) {
    if (a === path) return b
    if (b === path) return a
  }
  return undefined
}

function fieldTo(type: string, target: string): string {
  const pair = inversePairs.flat().find((path) => {
    const [from, name] = path.split('.') as [string, string]
    const field = tinySchema.field(type, name)
    return from === type && field?.dataType === 'entity' && field.validTypes.includes(target)
  })
  return pair?.split('.')[1] ?? ''
}

function isRef(value: unknown): value is Ref {
  return typeof value === 'object' && value !== null && 'id' in value
}

function listOf(value: unknown): readonly Ref[] {
  return Array.isArray(value) ? value : isRef(value) ? [{ type: value.type, id: value.id }] : []
}

function minus(list: readonly Ref[], other: readonly Ref[]): Ref[] {
  return list.filter((ref) => !other.some((item) => item.type === ref.type && item.id === ref.id))
}

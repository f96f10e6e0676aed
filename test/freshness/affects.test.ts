import { describe, expect, it } from 'vitest'
import type { Change } from '../../src/cache/change.ts'
import type { Entry } from '../../src/cache/entry.ts'
import { affects, change, count, edit, either, leaf, read, ref } from './support/cases.ts'

const isAffected = (entry: Entry, told: Change) => expect(affects(told, entry))
const p5 = ref('Project', 5)
const inProject5 = leaf('project', 'is', p5)
const isIp = leaf('sg_status_list', 'is', 'ip')

describe('rule 19: a change of a field of a row in the reply', () => {
  const entry = read({ filters: [isIp], fields: ['code'] }, [{ id: 1, code: 'a' }])

  it('does not affect a reply that neither shows nor uses the field', () => {
    isAffected(entry, edit('description', { new: 'x' })).toBe(false)
  })

  it('does not affect it when all conditions on the field are top ones and hold for the new value', () => {
    isAffected(entry, edit('sg_status_list', { new: 'ip' })).toBe(false)
    isAffected(entry, edit('sg_status_list', { new: 'fin' })).toBe(true)
    isAffected(entry, edit('sg_status_list', { old: 'ip' })).toBe(true)
  })

  it('affects it when the order goes by the field', () => {
    const sorted = read({ filters: [isIp], sort: 'sg_status_list' }, [{ id: 1, code: 'a' }])
    isAffected(sorted, edit('sg_status_list', { old: 'wtg', new: 'ip' })).toBe(true)
  })

  it('affects it when a condition on the field stands below or, unless that is as true as before', () => {
    const below = read({ filters: [either(isIp, leaf('sg_cut_order', 'is', 10))] }, [{ id: 1, code: 'a' }])
    isAffected(below, edit('sg_status_list', { old: 'wtg', new: 'ip' })).toBe(true)
    isAffected(below, edit('sg_status_list', { old: 'wtg', new: 'fin' })).toBe(false)
    isAffected(below, edit('sg_status_list', { new: 'fin' })).toBe(true)
  })

  it('affects it when a path of the filter leads through the field', () => {
    const deep = read({ filters: [leaf('sg_sequence.Sequence.code', 'is', 'q')] }, [{ id: 1, code: 'a' }])
    isAffected(deep, edit('sg_sequence', { old: ref('Sequence', 1), new: ref('Sequence', 2) })).toBe(true)
    isAffected(deep, edit('sg_sequence', { old: ref('Sequence', 1), new: ref('Sequence', 1) })).toBe(false)
  })

  it('takes an or of one condition for what it is', () => {
    const single = read({ filters: [either(isIp)] }, [{ id: 1, code: 'a' }])
    isAffected(single, edit('sg_status_list', { new: 'ip' })).toBe(false)
  })
})

describe('rule 19: a change of a field of a row not in the reply', () => {
  const outside = (said: Partial<Change>) => edit('sg_status_list', { ids: [9], ...said })
  const complete = read({ filters: [isIp], sort: 'sg_status_list' }, [{ id: 1, code: 'a' }])
  const head = read({ filters: [isIp], perPage: 1 }, [{ id: 1, code: 'a' }])
  const sortedHead = read({ filters: [isIp], perPage: 1, sort: 'sg_status_list' }, [{ id: 1, code: 'a' }])
  const second = read({ filters: [isIp], page: 2, sort: 'sg_status_list' }, [{ id: 1, code: 'a' }])
  const tells = read({ filters: [isIp], perPage: 1, return_paging_info_without_counts: true }, [{ id: 1, code: 'a' }])

  it('leaves a complete reply when the new value fails, or the condition is as true as before', () => {
    isAffected(complete, outside({ new: 'fin' })).toBe(false)
    isAffected(complete, outside({ old: 'ip', new: 'ip' })).toBe(false)
    isAffected(complete, outside({ new: 'ip' })).toBe(true)
    isAffected(complete, outside({ old: 'fin' })).toBe(true)
    isAffected(complete, outside({})).toBe(true)
  })

  it('leaves a full first page when the new value fails, or nothing flips and the order is another', () => {
    isAffected(head, outside({ new: 'fin' })).toBe(false)
    isAffected(head, outside({ old: 'wtg', new: 'fin' })).toBe(false)
    isAffected(sortedHead, outside({ new: 'fin' })).toBe(false)
    const unfiltered = read({ perPage: 1, sort: 'sg_cut_order' }, [{ id: 1, code: 'a' }])
    isAffected(unfiltered, edit('sg_cut_order', { ids: [9], old: 1, new: 2 })).toBe(true)
    isAffected(read({ sort: 'sg_cut_order' }, [{ id: 1 }]), edit('sg_cut_order', { ids: [9], new: 2 })).toBe(false)
  })

  it('leaves any other page, and a page that tells of more, only when both values fail or nothing moves', () => {
    for (const part of [second, tells]) {
      isAffected(part, outside({ new: 'fin' })).toBe(true)
      isAffected(part, outside({ old: 'wtg', new: 'fin' })).toBe(false)
    }
    isAffected(second, edit('code', { ids: [9], new: 'x' })).toBe(false)
  })

  it('judges a summary like such a page, ordered by what is grouped and summed', () => {
    const sum = count([isIp], 'sg_cut_order')
    isAffected(sum, outside({ new: 'fin' })).toBe(true)
    isAffected(sum, outside({ old: 'wtg', new: 'fin' })).toBe(false)
    isAffected(sum, edit('sg_cut_order', { old: 1, new: 2 })).toBe(true)
    isAffected(sum, edit('description', { new: 'x' })).toBe(false)
  })
})

describe('rule 18: one change alone', () => {
  it('affects by each of two fields that only together let a row in', () => {
    const both = read({ filters: [isIp, leaf('sg_cut_order', 'is', 10)] }, [])
    isAffected(both, edit('sg_status_list', { ids: [9], old: 'wtg', new: 'ip' })).toBe(true)
    isAffected(both, edit('sg_cut_order', { ids: [9], old: 0, new: 10 })).toBe(true)
  })

  it('judges the same again however often and in whatever order it is asked', () => {
    const entry = read({ filters: [isIp] }, [{ id: 1, code: 'a' }])
    const changes = [edit('code', { new: 'a' }), edit('code', { new: 'b' }), edit('sg_status_list', { new: 'fin' })]
    const judge = (list: Change[]) => list.map((told) => affects(told, entry))
    expect(judge([...changes, ...changes])).toEqual([false, true, true, false, true, true])
    expect(judge([...changes].reverse())).toEqual([true, true, false])
  })
})

describe('rule 20: rows that come and go, and far rows', () => {
  const born = (values?: Record<string, unknown>) => change({ kind: 'create', ids: [9], ...(values && { values }) })
  const entry = read({ filters: [isIp, inProject5] }, [{ id: 1, code: 'a' }])

  it('is affected by a create unless a value it carries fails', () => {
    isAffected(entry, born({ sg_status_list: 'ip' })).toBe(true)
    isAffected(entry, born({ sg_status_list: 'wtg' })).toBe(false)
    isAffected(entry, born({ project: ref('Project', 7) })).toBe(false)
    isAffected(entry, born()).toBe(true)
  })

  it('is not affected by the create of a row that it shows', () => {
    isAffected(entry, change({ kind: 'create', ids: [1] })).toBe(false)
    isAffected(read({ return_paging_info: true }, [{ id: 1 }]), change({ kind: 'create', ids: [1] })).toBe(true)
  })

  it('is affected by a retirement of a row that it shows, or that it may have counted', () => {
    const gone = (id: number) => change({ kind: 'retire', ids: [id] })
    isAffected(entry, gone(1)).toBe(true)
    isAffected(entry, gone(9)).toBe(false)
    isAffected(read({ perPage: 1 }, [{ id: 1 }]), gone(9)).toBe(false)
    isAffected(read({ page: 2 }, [{ id: 1 }]), gone(9)).toBe(true)
    isAffected(count([isIp]), gone(9)).toBe(true)
  })

  it('is affected by a revival', () => {
    isAffected(entry, change({ kind: 'revive', ids: [9] })).toBe(true)
  })

  it('turns around for retired rows', () => {
    const bin = read({ return_only: 'retired' }, [{ id: 1, code: 'a' }])
    isAffected(bin, change({ kind: 'retire', ids: [9] })).toBe(true)
    isAffected(bin, change({ kind: 'revive', ids: [1] })).toBe(true)
    isAffected(bin, change({ kind: 'revive', ids: [9] })).toBe(false)
    isAffected(bin, change({ kind: 'create', ids: [9] })).toBe(false)
  })

  it('is affected by a sweep of a row in the reply, and of another that any condition may let in', () => {
    const swept = (id: number) => change({ source: 'sweep', ids: [id] })
    isAffected(entry, swept(1)).toBe(true)
    isAffected(entry, swept(9)).toBe(true)
    isAffected(read({}, [{ id: 1, code: 'a' }]), swept(9)).toBe(false)
    isAffected(read({ filters: [leaf('id', 'is', 1)] }, [{ id: 1 }]), swept(9)).toBe(false)
  })

  it('takes a retired link target for a link that became empty', () => {
    const sequence = ref('Sequence', 3)
    const gone = change({ type: 'Sequence', kind: 'retire', ids: [3] })
    const of3 = (rows: { id: number }[]) => read({ filters: [leaf('sg_sequence', 'is', sequence)] }, rows)
    isAffected(of3([{ id: 1 }]), gone).toBe(true)
    isAffected(of3([]), gone).toBe(false)
    isAffected(read({ filters: [leaf('sg_sequence', 'is', ref('Sequence', 4))] }, [{ id: 1 }]), gone).toBe(false)
    isAffected(read({ filters: [leaf('sg_sequence', 'is', null)] }, []), gone).toBe(true)
    const shows = (link: unknown) => read({ fields: ['sg_sequence'] }, [{ id: 1, sg_sequence: link }])
    isAffected(shows(sequence), gone).toBe(true)
    isAffected(shows(ref('Sequence', 4)), gone).toBe(false)
    isAffected(shows(null), change({ type: 'Sequence', kind: 'revive', ids: [3] })).toBe(true)
  })

  it('drops a deep condition only when it flips, for whichever row', () => {
    const deep = read({ filters: [leaf('sg_sequence.Sequence.code', 'is', 'q')] }, [{ id: 1, code: 'a' }])
    const rename = (old: string, to: string) => change({ type: 'Sequence', ids: [3], field: 'code', old, new: to })
    isAffected(deep, rename('a', 'b')).toBe(false)
    isAffected(deep, rename('a', 'q')).toBe(true)
    isAffected(deep, rename('q', 'b')).toBe(true)
  })

  it('does not mind far rows that the filter does not let rows link to', () => {
    const named = read({ fields: ['project.Project.name'], filters: [inProject5] }, [
      { id: 1, 'project.Project.name': 'A' },
    ])
    const rename = (id: number) => change({ type: 'Project', ids: [id], field: 'name', new: 'B' })
    isAffected(named, rename(7)).toBe(false)
    isAffected(named, rename(5)).toBe(true)
  })
})

describe('rule 21: content', () => {
  it('is excused where every place shows exactly the new value', () => {
    const entry = read({ fields: ['code', 'sg_speed'] }, [{ id: 1, code: 'a', sg_speed: 1 }])
    isAffected(entry, edit('code', { new: 'a' })).toBe(false)
    isAffected(entry, edit('code', { new: 'A' })).toBe(true)
    isAffected(entry, edit('code')).toBe(true)
    isAffected(entry, edit('code', { ids: [9], new: 'b' })).toBe(false)
    isAffected(entry, edit('sg_speed', { new: 1 })).toBe(true)
  })

  it('is never excused of an order, nor of updated_at', () => {
    isAffected(read({ sort: 'code' }, [{ id: 1, code: 'a' }]), edit('code', { new: 'a' })).toBe(true)
    const stamped = read({ fields: ['code', 'updated_at'] }, [{ id: 1, code: 'a', updated_at: 't' }])
    isAffected(stamped, edit('code', { new: 'a' })).toBe(true)
  })

  it('compares links by type and id, lists by what came and went', () => {
    const fields = ['sg_sequence', 'assets']
    const entry = read({ fields }, [{ id: 1, sg_sequence: ref('Sequence', 3, 'q'), assets: [ref('Asset', 1, 't')] }])
    isAffected(entry, edit('sg_sequence', { new: ref('Sequence', 3, 'old name') })).toBe(false)
    isAffected(entry, edit('sg_sequence', { new: ref('Sequence', 4) })).toBe(true)
    isAffected(entry, edit('assets', { added: [ref('Asset', 1)], removed: [ref('Asset', 2)] })).toBe(false)
    isAffected(entry, edit('assets', { added: [ref('Asset', 2)], removed: [] })).toBe(true)
    isAffected(entry, edit('assets', { added: [], removed: [] })).toBe(true)
    isAffected(entry, edit('assets', { new: [ref('Asset', 1)] })).toBe(true)
  })

  it('is not excused where a path leads on from the field', () => {
    const fields = ['sg_sequence', 'sg_sequence.Sequence.code']
    const row = { id: 1, sg_sequence: ref('Sequence', 3), 'sg_sequence.Sequence.code': 'q' }
    isAffected(read({ fields }, [row]), edit('sg_sequence', { new: ref('Sequence', 3) })).toBe(true)
  })

  it('knows the far rows where the reply shows the link, else any may be meant', () => {
    const rename = (id: number) => change({ type: 'Sequence', ids: [id], field: 'code', new: 'x' })
    const path = 'sg_sequence.Sequence.code'
    const shown = read({ fields: ['sg_sequence', path] }, [{ id: 1, sg_sequence: ref('Sequence', 3), [path]: 'q' }])
    isAffected(shown, rename(3)).toBe(true)
    isAffected(shown, rename(4)).toBe(false)
    isAffected(read({ fields: [path] }, [{ id: 1, [path]: 'q' }]), rename(4)).toBe(true)
    isAffected(read({ fields: [path] }, []), rename(4)).toBe(false)
  })
})

describe('rule 22: the project of a change', () => {
  const entry = read({ filters: [inProject5, isIp] }, [{ id: 1, code: 'a' }])
  const told = { ids: [9], project: 7, new: 'ip' } as const

  it('excuses changes of rows in other projects', () => {
    isAffected(entry, edit('sg_status_list', told)).toBe(false)
    isAffected(entry, edit('sg_status_list', { ...told, project: 5 })).toBe(true)
    isAffected(entry, change({ kind: 'create', ids: [9], project: 7 })).toBe(false)
    isAffected(entry, change({ kind: 'revive', ids: [9], project: 'none' })).toBe(false)
  })

  it('excuses neither writes nor sweeps', () => {
    isAffected(entry, edit('sg_status_list', { ...told, source: 'write' })).toBe(true)
    isAffected(entry, change({ source: 'sweep', ids: [1], project: 7 })).toBe(true)
  })

  it('excuses no change of the project itself', () => {
    isAffected(entry, edit('project', { ids: [1], project: 7, new: ref('Project', 7) })).toBe(true)
    isAffected(entry, edit('project', { ids: [9], project: 7, new: p5 })).toBe(true)
  })

  it('excuses no far row, and no name in a link', () => {
    const rename = change({ type: 'Asset', ids: [3], field: 'code', new: 'x', project: 7 })
    const links = read({ filters: [inProject5], fields: ['assets'] }, [{ id: 1, assets: [ref('Asset', 3, 'tree')] }])
    isAffected(links, rename).toBe(true)
    isAffected(read({ filters: [inProject5, leaf('assets.Asset.code', 'is', 'x')] }, []), rename).toBe(true)
  })

  it('is not believed of a change that names two rows', () => {
    isAffected(entry, edit('sg_status_list', { ...told, ids: [1, 9], new: 'fin' })).toBe(true)
  })
})

describe('rule 23: scopes that do not see everything', () => {
  const mine = read({ scope: 'artist', filters: [isIp] }, [{ id: 1, code: 'a' }])

  it('take any change of a row of the type for membership', () => {
    isAffected(mine, edit('description', { ids: [9] })).toBe(true)
    isAffected(read({ filters: [isIp] }, [{ id: 1, code: 'a' }]), edit('description', { ids: [9] })).toBe(false)
  })

  it.each([
    ['Project', 'users'],
    ['HumanUser', 'groups'],
    ['HumanUser', 'projects'],
    ['Group', 'users'],
    ['ApiUser', 'permission_rule_set'],
    ['PermissionRuleSet', 'any'],
  ])('are affected by a change of %s.%s', (type, field) => {
    isAffected(mine, change({ type, field })).toBe(true)
    isAffected(read({ filters: [isIp] }, []), change({ type, field })).toBe(false)
  })

  it('are not affected by types they have nothing to do with', () => {
    isAffected(mine, change({ type: 'Task', field: 'content', ids: [3] })).toBe(false)
    isAffected(mine, change({ type: 'Task', field: 'content', ids: 'any' })).toBe(false)
  })

  it('hazard 16: who may see what changed', () => {
    const access = change({ kind: 'access', type: '*', ids: 'any' })
    isAffected(mine, access).toBe(true)
    isAffected(read({}, []), access).toBe(false)
    isAffected(read({}, []), { ...access, scope: 'all' }).toBe(true)
    isAffected(mine, { ...access, scope: 'all' }).toBe(false)
  })
})

describe('hazards', () => {
  it('hazard 7: the name of a linked row', () => {
    const entry = read({ fields: ['sg_sequence'] }, [{ id: 1, sg_sequence: ref('Sequence', 3, 'q') }])
    const rename = (id: number, to: string) => change({ type: 'Sequence', ids: [id], field: 'code', new: to })
    isAffected(entry, rename(3, 'x')).toBe(true)
    isAffected(entry, rename(3, 'q')).toBe(false)
    isAffected(entry, rename(4, 'x')).toBe(false)
    isAffected(entry, change({ type: 'Sequence', ids: 'any', field: 'code' })).toBe(true)
    isAffected(entry, change({ type: 'Sequence', ids: [3], field: 'project' })).toBe(false)
  })

  it('hazard 7: a name by which the filter or the order goes', () => {
    const rename = change({ type: 'Sequence', ids: [9], field: 'code', old: 'a', new: 'q' })
    isAffected(read({ filters: [leaf('sg_sequence', 'name_is', 'q')] }, []), rename).toBe(true)
    isAffected(read({ sort: 'sg_sequence', perPage: 1 }, [{ id: 1 }]), rename).toBe(true)
  })

  it('hazard 7: a person has a name made of two fields', () => {
    const user = change({ type: 'HumanUser', ids: [2], field: 'firstname', new: 'Eve' })
    isAffected(read({ fields: ['updated_by'] }, [{ id: 1, updated_by: ref('HumanUser', 2, 'Ann Lee') }]), user).toBe(
      true,
    )
    isAffected(read({ type: 'HumanUser', fields: ['name'] }, [{ id: 2, name: 'Ann Lee' }]), user).toBe(true)
    isAffected(read({ type: 'HumanUser', filters: [leaf('name', 'contains', 'Eve')] }, []), user).toBe(true)
  })

  it('hazard 7: a group of a summary', () => {
    const groups = [{ group_name: 'q', group_value: ref('Sequence', 3, 'q') }]
    const sum = count([], 'sg_sequence', groups)
    isAffected(sum, change({ type: 'Sequence', ids: [3], field: 'code', new: 'x' })).toBe(true)
  })

  it('hazard 8: every hop of a dotted path', () => {
    const path = 'entity.Shot.sg_sequence.Sequence.code'
    const shows = read({ type: 'Task', fields: [path] }, [{ id: 1, [path]: 'q' }])
    const asks = read({ type: 'Task', filters: [leaf(path, 'is', 'q')] }, [{ id: 1, code: 'a' }])
    for (const entry of [shows, asks]) {
      isAffected(entry, change({ type: 'Task', field: 'entity', new: ref('Shot', 4) })).toBe(true)
      isAffected(entry, change({ type: 'Shot', ids: [8], field: 'sg_sequence', new: ref('Sequence', 4) })).toBe(true)
      isAffected(entry, change({ type: 'Sequence', ids: [8], field: 'code', old: 'q', new: 'z' })).toBe(true)
      isAffected(entry, change({ type: 'Shot', ids: [8], field: 'code', new: 'q' })).toBe(false)
    }
  })

  it('hazard 9: a row that enters', () => {
    const entry = read({ filters: [isIp] }, [])
    isAffected(entry, edit('sg_status_list', { ids: [9], new: 'ip' })).toBe(true)
    isAffected(entry, change({ kind: 'create', ids: [9], values: { sg_status_list: 'ip' } })).toBe(true)
    isAffected(entry, change({ kind: 'revive', ids: [9] })).toBe(true)
  })

  it('hazard 10: updated_at and updated_by move with every edit', () => {
    const any = edit('description', { ids: [9], new: 'x' })
    isAffected(read({ filters: [leaf('updated_at', 'greater_than', '2026-01-01T00:00:00Z')] }, []), any).toBe(true)
    isAffected(read({ sort: 'updated_at', perPage: 1 }, [{ id: 1 }]), any).toBe(true)
    isAffected(read({ fields: ['updated_by'] }, [{ id: 9, updated_by: null }]), any).toBe(true)
    isAffected(read({ fields: ['updated_by'] }, [{ id: 1, updated_by: null }]), any).toBe(false)
    const far = 'entity.Shot.updated_at'
    isAffected(read({ type: 'Task', fields: [far] }, [{ id: 1, [far]: 't' }]), any).toBe(true)
  })

  it('hazard 10: a row that the told field keeps out does not come in by its updated_at', () => {
    const recent = read({ filters: [isIp], sort: 'updated_at', perPage: 1 }, [{ id: 1 }])
    isAffected(recent, edit('sg_status_list', { ids: [9], new: 'fin' })).toBe(false)
    isAffected(recent, edit('sg_status_list', { ids: [9], new: 'ip' })).toBe(true)
  })

  it('hazard 14: the display name moves with the field it is made of', () => {
    const entry = read({ type: 'Task', fields: ['cached_display_name'] }, [{ id: 1, cached_display_name: 'anim' }])
    isAffected(entry, change({ type: 'Task', field: 'content', new: 'anim' })).toBe(true)
    isAffected(entry, change({ type: 'Task', field: 'milestone', new: true })).toBe(false)
  })

  it('hazard 17: projects that are archived, when archived ones are left out', () => {
    const archive = (id: number) => change({ type: 'Project', ids: [id], field: 'archived', old: false, new: true })
    const without = { include_archived_projects: false }
    isAffected(read(without, [{ id: 1 }]), archive(5)).toBe(true)
    isAffected(read({ ...without, filters: [inProject5] }, [{ id: 1 }]), archive(5)).toBe(true)
    isAffected(read({ ...without, filters: [inProject5] }, [{ id: 1 }]), archive(7)).toBe(false)
    isAffected(read({}, [{ id: 1 }]), archive(5)).toBe(false)
    isAffected(read({ ...without, type: 'Project', fields: ['name'] }, []), archive(5)).toBe(true)
    isAffected(read(without, [{ id: 1 }]), edit('project', { old: p5, new: ref('Project', 7) })).toBe(true)
  })

  it('hazard 18: a schema change drops what has to do with the type, and with any if it names none', () => {
    const entry = read({ fields: ['sg_sequence'] }, [{ id: 1, sg_sequence: ref('Sequence', 3) }])
    const schema = (type: string) => change({ kind: 'schema', type, ids: 'any' })
    isAffected(entry, schema('*')).toBe(true)
    isAffected(entry, schema('Shot')).toBe(true)
    isAffected(entry, schema('Sequence')).toBe(true)
    isAffected(entry, schema('HumanUser')).toBe(false)
  })

  it('hazard 3: a flush drops everything of its type', () => {
    isAffected(read({}, []), change({ kind: 'flush', type: '*', ids: 'any' })).toBe(true)
    isAffected(read({}, []), change({ kind: 'flush', ids: 'any' })).toBe(true)
    isAffected(read({}, []), change({ kind: 'flush', type: 'Task', ids: 'any' })).toBe(false)
    isAffected(read({}, []), change({ kind: 'flush', type: '*', ids: 'any', scope: 'other' })).toBe(false)
  })

  it('hazard 20: text is compared as the site may compare it', () => {
    const entry = read({ filters: [leaf('code', 'contains', 'H_0')], fields: ['id'] }, [])
    isAffected(entry, edit('code', { ids: [9], old: 'x', new: 'sh_010' })).toBe(true)
    isAffected(entry, edit('code', { ids: [9], old: 'x', new: 'shx010' })).toBe(true)
    isAffected(entry, edit('code', { ids: [9], old: 'x', new: 'tree' })).toBe(false)
    isAffected(entry, edit('code', { ids: [9], old: 'x', new: 'trêe' })).toBe(true)
  })
})

describe('the other side of a link', () => {
  const moved = (said: Partial<Change>) => change({ type: 'Task', ids: [4], field: 'entity', ...said })
  const tasks = (...links: unknown[]) => read({ fields: ['tasks'] }, [{ id: 1, tasks: links }])

  it('may change with the link', () => {
    isAffected(tasks(), moved({ old: null, new: ref('Shot', 1) })).toBe(true)
    isAffected(tasks(ref('Task', 4)), moved({ old: ref('Shot', 1), new: null })).toBe(true)
    isAffected(tasks(ref('Task', 4)), moved({ new: ref('Shot', 2) })).toBe(true)
  })

  it('does not change for rows that the link leads to neither before nor after, nor where it shows already', () => {
    isAffected(tasks(), moved({ old: null, new: ref('Shot', 2) })).toBe(false)
    isAffected(tasks(ref('Task', 4)), moved({ old: null, new: ref('Shot', 1) })).toBe(false)
    isAffected(tasks(ref('Task', 5)), moved({ old: ref('Shot', 2), new: ref('Asset', 1) })).toBe(false)
  })

  it('may let rows in', () => {
    const has4 = read({ filters: [leaf('tasks', 'is', ref('Task', 4))] }, [])
    const has5 = read({ filters: [leaf('tasks', 'is', ref('Task', 5))] }, [])
    isAffected(has4, moved({ old: null, new: ref('Shot', 2) })).toBe(true)
    isAffected(has5, moved({ old: null, new: ref('Shot', 2) })).toBe(false)
    const born = change({ type: 'Task', kind: 'create', ids: [4], values: { entity: ref('Shot', 2) } })
    isAffected(has4, born).toBe(true)
    isAffected(has5, born).toBe(false)
  })

  it('may change when a sweep does not tell what did', () => {
    isAffected(tasks(), change({ source: 'sweep', type: 'Task', ids: [4] })).toBe(true)
  })
})

describe('what follows from a change that is told with all that follows from it', () => {
  const fields = ['upstream_tasks', 'updated_at']
  const row = { id: 1, upstream_tasks: [ref('Task', 9)], updated_at: 't' }
  const lost = (id: number) =>
    change({ type: 'Task', ids: 'any', field: 'upstream_tasks', added: [], removed: [ref('Task', id)] })

  it('does not bring along the other side of the link that it is itself the other side of', () => {
    const entry = read({ type: 'Task', fields: ['entity'] }, [{ id: 1, entity: ref('Shot', 7) }])
    const tasks = edit('tasks', { ids: [7] })
    isAffected(entry, tasks).toBe(true)
    isAffected(entry, { ...tasks, isConsequence: true }).toBe(false)
  })

  it('concerns only rows that show what was taken out of their list, whichever rows it was', () => {
    isAffected(read({ type: 'Task', fields }, [row]), lost(9)).toBe(true)
    isAffected(read({ type: 'Task', fields }, [row]), lost(8)).toBe(false)
    isAffected(read({ type: 'Task', fields: ['updated_at'] }, [row]), lost(8)).toBe(true)
  })

  it('is nothing to a call that asks for no row at all', () => {
    const none = read({ filters: [leaf('id', 'is', 1), leaf('id', 'is', 2), isIp] }, [])
    isAffected(none, edit('sg_status_list', { ids: 'any' })).toBe(false)
  })
})

describe('what is not understood', () => {
  it('affects: kinds not heard of, conditions that cannot be read', () => {
    // A later version may write kinds that this one does not know.
    isAffected(read({}, []), change({ kind: 'merge' as never })).toBe(true)
    isAffected(read({ filters: [leaf('$FROM$Task.id', 'is', 3)] }, []), edit('description', { ids: [9] })).toBe(true)
  })
})

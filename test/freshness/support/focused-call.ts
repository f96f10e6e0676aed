/**
 * Calls about few fields, with conditions below `or`, small pages and hardly anything shown: those that go wrong by
 * membership alone, where nothing else gives it away.
 */
import type { ReadCall } from '../../../src/shotgrid/call.ts'
import { readCall } from '../../../src/shotgrid/call.ts'
import type { FilterLeaf, FilterNode } from '../../../src/shotgrid/wire.ts'
import type { Random } from '../../support/random.ts'
import { vocabulary } from './tiny-schema.ts'
import type { TinySite } from './tiny-site.ts'

const scalars = ['sg_status_list', 'sg_cut_order', 'description']

export function focusedCall(random: Random, site: TinySite): ReadCall {
  const node = (depth: number): FilterNode => {
    if (depth > 1 || !random.chance(0.35)) return leaf(random, site)
    const conditions = Array.from({ length: 1 + random.int(2) }, () => node(depth + 1))
    return { logical_operator: random.pick(['or', 'or', 'and'] as const), conditions }
  }
  return readCall({
    type: 'Shot',
    return_fields: random.chance(0.7) ? ['id'] : random.some([...scalars, 'sg_sequence', 'project'], 2),
    filters: {
      logical_operator: random.chance(0.8) ? 'and' : 'or',
      conditions: Array.from({ length: 1 + random.int(2) }, () => node(0)),
    },
    return_only: 'active',
    paging: { entities_per_page: random.pick([500, 500, 2, 1]), current_page: random.chance(0.85) ? 1 : 2 },
    return_paging_info_without_counts: random.chance(0.3),
    ...(random.chance(0.25) && { sorts: [{ field_name: random.pick([...scalars, 'project']) }] }),
    ...(random.chance(0.1) && { include_archived_projects: false }),
  })
}

function leaf(random: Random, site: TinySite): FilterLeaf {
  if (random.chance(0.3)) {
    const { type, id } = random.pick(site.all('Project'))
    return { path: 'project', relation: random.pick(['is', 'is', 'is_not']), values: [{ type, id }] }
  }
  const path = random.pick(scalars)
  const values = vocabulary[path]!
  const value = random.pick(values.filter((item) => item !== null))
  const relation = random.pick(['is', 'is', 'is_not', 'in', 'not_in'])
  if (relation.endsWith('in')) return { path, relation, values: [value, random.pick(values.slice(1))] }
  return { path, relation, values: [random.chance(0.15) ? null : value] }
}

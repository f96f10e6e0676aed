/**
 * The productions of the simulated studio: projects with their sequences, shots, assets, tasks, versions, files,
 * playlists and notes.
 */
import type { Ref } from './row.ts'
import type { StudioBuilder } from './studio.ts'
import type { Staff } from './studio-people.ts'

const titles = [
  'Northern Lights',
  'Paper Boats',
  'Deep Orbit',
  'The Cartographer',
  'Red Kite',
  'Saltwater',
  'Owl',
  'Ember',
]
const props = 'lamp chair kettle rope crate lantern oar compass teapot sled anchor ladder'.split(' ')
const kinds = ['Character', 'Prop', 'Environment', 'Vehicle', 'FX']

/** One project being made. */
interface Production {
  readonly builder: StudioBuilder
  readonly staff: Staff
  readonly project: Ref
  /** `nl`: how its files begin. */
  readonly short: string
  readonly versions: Ref[]
  readonly shots: Ref[]
}

export function productions(builder: StudioBuilder, staff: Staff): readonly Ref[] {
  return Array.from({ length: builder.plan.projects }, (_, index) => {
    const name = titles[index % titles.length]!
    const short = name
      .toLowerCase()
      .replaceAll(/[^a-z]/g, '')
      .slice(0, 4)
    const project = builder.add('Project', {
      name,
      tank_name: short,
      code: short,
      sg_status: index === 0 ? 'Active' : builder.random.pick(['Active', 'Bidding', 'Hold']),
      // The last of them is done and archived.
      archived: index === builder.plan.projects - 1,
      start_date: builder.date(-200),
      end_date: builder.date(200),
    })
    produce({ builder, staff, project, short, versions: [], shots: [] })
    return project
  })
}

function produce(production: Production): void {
  const { builder, project, short } = production
  builder.add('PipelineConfiguration', {
    code: 'Primary',
    project,
    linux_path: `/opt/pipeline/${short}`,
    windows_path: `P:\\pipeline\\${short}`,
    plugin_ids: 'basic.*',
  })
  const episode = builder.add('Episode', { code: `${short}_e01`, project })
  const assets = Array.from({ length: builder.plan.assetsPerProject }, (_, index) => asset(production, index))
  for (let index = 1; index <= builder.plan.sequencesPerProject; index += 1)
    sequence(production, episode, index, assets)
  for (let index = 0; index < builder.plan.playlistsPerProject; index += 1) playlist(production, index)
  for (let index = 0; index < builder.plan.notesPerProject; index += 1) note(production, index)
  builder.add('Delivery', { title: `${short} first look`, project, sg_due_date: builder.date(20) })
}

function asset(production: Production, index: number): Ref {
  const { builder, project, staff } = production
  const { random } = builder
  const number = Math.floor(index / props.length)
  const code = `${props[index % props.length]!}${number > 0 ? number : ''}`
  const ref = builder.add('Asset', {
    code,
    project,
    sg_asset_type: random.pick(kinds),
    sg_status_list: random.pick(['wtg', 'ip', 'rev', 'fin']),
    description: random.chance(0.4) ? `The ${code} as in the concept art` : null,
    tags: random.chance(0.3) ? [random.pick(staff.tags)] : [],
    image: random.chance(0.5) ? 9_000 + index : null,
    parents: [],
  })
  tasks(production, ref, code, 'Asset', builder.plan.tasksPerAsset)
  return ref
}

function sequence(production: Production, episode: Ref, index: number, assets: readonly Ref[]): void {
  const { builder, project, short } = production
  const code = `${short}_sq${String(index * 10).padStart(3, '0')}`
  const status = builder.random.pick(['wtg', 'ip', 'fin'])
  const ref = builder.add('Sequence', { code, project, episode, sg_status_list: status })
  for (let shot = 1; shot <= builder.plan.shotsPerSequence; shot += 1) {
    makeShot(production, ref, `${code}_sh${String(shot * 10).padStart(4, '0')}`, shot, assets)
  }
}

function makeShot(production: Production, sg_sequence: Ref, code: string, order: number, assets: readonly Ref[]): void {
  const { builder, project, staff, shots } = production
  const { random } = builder
  const frames = random.between(24, 240)
  const ref = builder.add('Shot', {
    code,
    project,
    sg_sequence,
    sg_status_list: random.pick(['wtg', 'rdy', 'ip', 'ip', 'rev', 'fin', 'hld']),
    sg_shot_type: random.pick(['Regular', 'VFX', 'Full CG', null]),
    description: random.chance(0.5) ? `${random.pick(props)} in the ${random.pick(['rain', 'dark', 'sun'])}` : null,
    sg_cut_in: 1001,
    sg_cut_out: 1000 + frames,
    sg_cut_duration: frames,
    sg_cut_order: order * 10,
    sg_complexity: random.chance(0.7) ? random.between(1, 50) / 10 : null,
    sg_bid: random.chance(0.6) ? random.between(10, 900) * 10.5 : null,
    sg_progress: random.chance(0.6) ? random.between(0, 100) : null,
    sg_delivery_date: random.chance(0.6) ? builder.date(random.between(-30, 120)) : null,
    sg_turnover_at: random.chance(0.4) ? builder.moment(-100, -10) : null,
    sg_is_hero: random.chance(0.1),
    tags: random.chance(0.3) ? [random.pick(staff.tags)] : [],
    image: random.chance(0.5) ? 5_000 + order : null,
    parent_shots: [],
  })
  shots.push(ref)
  for (const used of random.some(assets, random.between(1, 3))) {
    builder.add('AssetShotConnection', { asset: used, shot: ref })
  }
  tasks(production, ref, code, 'Shot', builder.plan.tasksPerShot)
}

function tasks(production: Production, entity: Ref, code: string, type: 'Shot' | 'Asset', count: number): void {
  const { builder, staff, project } = production
  const { random } = builder
  let before: Ref | undefined
  let startDay = random.between(-60, 30)
  for (const step of staff.steps[type].slice(0, count)) {
    const days = random.between(1, 6)
    const task = builder.add('Task', {
      content: step.code,
      project,
      entity,
      step: step.ref,
      sg_status_list: random.pick(['wtg', 'rdy', 'ip', 'ip', 'rev', 'fin', 'hld']),
      sg_priority_1: random.chance(0.4) ? random.pick(['Low', 'Normal', 'High']) : null,
      start_date: builder.date(startDay),
      due_date: builder.date(startDay + days),
      duration: days * 480,
      task_assignees: random.chance(0.8) ? sorted(random.some(staff.artists, random.between(1, 2))) : [],
    })
    if (before) builder.add('TaskDependency', { task: before, dependent_task: task })
    before = task
    startDay += days + 3
    if (random.chance(builder.plan.versionShare)) version(production, entity, task, `${code}_${step.code}`)
  }
}

function version(production: Production, entity: Ref, task: Ref, stem: string): void {
  const { builder, project, staff, short, versions } = production
  const { random } = builder
  for (let number = 1; number <= random.between(1, 2); number += 1) {
    const name = `${stem}_v${String(number).padStart(3, '0')}`
    const ref = builder.add('Version', {
      code: name,
      project,
      entity,
      sg_task: task,
      user: random.pick(staff.artists),
      sg_status_list: random.pick(['rev', 'rev', 'vwd', 'apr', 'na']),
      sg_first_frame: 1001,
      sg_last_frame: random.between(1024, 1240),
      frame_rate: 24,
      sg_path_to_movie: `/mnt/shows/${short}/${name}.mov`,
      image: random.chance(0.6) ? 20_000 + versions.length : null,
    })
    versions.push(ref)
    publish(production, { entity, task, version: ref, name: stem, number })
  }
}

interface Publish {
  readonly entity: Ref
  readonly task: Ref
  readonly version: Ref
  readonly name: string
  readonly number: number
}

function publish(production: Production, { name, number, ...links }: Publish): void {
  const { builder, project, staff, short } = production
  const type = builder.random.pick(staff.fileTypes)
  const code = `${name}_v${String(number).padStart(3, '0')}.${type.suffix}`
  const path = `${short}/publish/${code}`
  builder.add('PublishedFile', {
    ...links,
    code,
    name,
    project,
    version_number: number,
    published_file_type: type.ref,
    path: builder.file(staff.storage, path, project),
    path_cache: path,
    path_cache_storage: staff.storage,
  })
}

function playlist(production: Production, index: number): void {
  const { builder, project, versions } = production
  const ref = builder.add('Playlist', { code: `dailies ${builder.date(-index)}`, project })
  builder.random.some(versions.slice(0, 200), 5).forEach((item, at) => {
    builder.add('PlaylistVersionConnection', { playlist: ref, version: item, sg_sort_order: (at + 1) * 10 })
  })
}

function note(production: Production, index: number): void {
  const { builder, project, staff, shots, versions } = production
  const { random } = builder
  const target = random.chance(0.5) && versions.length > 0 ? random.pick(versions) : random.pick(shots)
  const user = random.pick(staff.everyone)
  const ref = builder.add('Note', {
    subject: `Note ${index + 1} on ${target.type.toLowerCase()} ${target.id}`,
    content: random.pick(['Please check the silhouette.', 'Timing feels late.', 'Approved with a small fix.']),
    project,
    user,
    note_links: [target],
    tasks: [],
    addressings_to: [random.pick(staff.artists)],
    addressings_cc: random.chance(0.2) ? [random.pick(staff.groups)] : [],
    attachments: [],
    sg_status_list: random.pick(['opn', 'opn', 'ip', 'clsd']),
  })
  if (random.chance(0.4)) builder.add('Reply', { content: 'On it.', entity: ref, user })
}

/** Lists of links are kept by ascending id. */
function sorted(refs: readonly Ref[]): readonly Ref[] {
  return [...refs].sort((a, b) => a.id - b.id)
}

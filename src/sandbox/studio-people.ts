/**
 * The people, scripts, groups, roles and settings of the simulated studio.
 *
 * Fixed ones, for documentation and tests: people `ada` (administrator), `max` (manager), `ivy` (artist), `otto`
 * (vendor), `tess` (two factors), all with the password `sandbox`; scripts `sgcache` (sees everything),
 * `noisy-import` (writes no events), `vendor-portal` (sees one project), `renderfarm`.
 */
import type { Ref } from './row.ts'
import type { StudioBuilder } from './studio.ts'

export interface Staff {
  readonly artists: readonly Ref[]
  readonly groups: readonly Ref[]
  readonly everyone: readonly Ref[]
  readonly scripts: Readonly<Record<string, Ref>>
  readonly steps: Readonly<Record<'Shot' | 'Asset', readonly { readonly ref: Ref; readonly code: string }[]>>
  readonly storage: Ref
  readonly fileTypes: readonly { readonly ref: Ref; readonly code: string; readonly suffix: string }[]
  readonly tags: readonly Ref[]
  readonly templates: { readonly shot: Ref; readonly asset: Ref }
}

export const sandboxPassword = 'sandbox'

/** The people everybody can log in as. */
const cast = [
  ['ada', 'Ada', 'Lindqvist', 'admin'],
  ['max', 'Max', 'Okafor', 'manager'],
  ['ivy', 'Ivy', 'Tanaka', 'artist'],
  ['otto', 'Otto', 'Brandt', 'vendor'],
  ['tess', 'Tess', 'Moreau', 'artist'],
] as const

const firstNames = 'Ana Ben Chloe Dev Elif Finn Gita Hugo Ines Jun Kai Lena Milo Nora Omar Pia Ravi Sara Tom Uma'.split(
  ' ',
)
const lastNames = 'Adler Blanc Costa Duarte Eriksen Fischer Garcia Haddad Ito Jansen Kim Lopez Meyer Nguyen'.split(' ')

export function people(builder: StudioBuilder): Staff {
  const roles = rolesOf(builder)
  const departments = ['Animation', 'Lighting', 'Modeling', 'Production'].map((name) =>
    builder.add('Department', { name, code: name.toLowerCase() }),
  )
  const everyone = humans(builder, roles, departments)
  const scripts = scriptsOf(builder, roles)
  const groups = ['Animators', 'Lighters', 'Leads'].map((code) => builder.add('Group', { code }))
  groups.forEach((group, index) => {
    for (const user of everyone.filter((_, at) => at % groups.length === index)) {
      builder.add('GroupUserConnection', { group, user })
    }
  })
  statuses(builder)
  const steps = stepsOf(builder, departments)
  return {
    everyone,
    artists: everyone.slice(2),
    groups,
    scripts,
    steps,
    storage: storageOf(builder),
    fileTypes: fileTypesOf(builder),
    tags: ['crowd', 'hero', 'night', 'rain'].map((name) => builder.add('Tag', { name })),
    templates: templatesOf(builder, steps),
  }
}

function rolesOf(builder: StudioBuilder): Readonly<Record<string, Ref>> {
  const human = ['admin', 'manager', 'artist', 'vendor']
  const script = ['api_admin', 'api_vendor']
  const role = (code: string, entityType: string) =>
    [code, builder.add('PermissionRuleSet', { code, display_name: code, entity_type: entityType })] as const
  return Object.fromEntries([
    ...human.map((code) => role(code, 'HumanUser')),
    ...script.map((code) => role(code, 'ApiUser')),
  ])
}

function humans(builder: StudioBuilder, roles: Readonly<Record<string, Ref>>, departments: readonly Ref[]): Ref[] {
  const { random } = builder
  const crowd = Array.from({ length: Math.max(0, builder.plan.people - cast.length) }, (_, index) => {
    const first = firstNames[index % firstNames.length]!
    const last = random.pick(lastNames)
    return [`${first}.${last}.${index}`.toLowerCase(), first, last, index % 9 === 8 ? 'manager' : 'artist'] as const
  })
  return [...cast, ...crowd].map(([login, firstname, lastname, role]) =>
    builder.add('HumanUser', {
      login,
      firstname,
      lastname,
      name: `${firstname} ${lastname}`,
      email: `${login}@studio.example`,
      password_proxy: sandboxPassword,
      permission_rule_set: roles[role],
      department: random.pick(departments),
    }),
  )
}

function scriptsOf(builder: StudioBuilder, roles: Readonly<Record<string, Ref>>): Readonly<Record<string, Ref>> {
  const script = (name: string, key: string, role: string, events: boolean, description: string) =>
    builder.add('ApiUser', {
      firstname: name,
      lastname: '1.0',
      description,
      salted_password: key,
      permission_rule_set: roles[role],
      generate_event_log_entries: events,
    })
  return {
    sgcache: script('sgcache', 'sandbox-key', 'api_admin', true, 'The cache in front of this site'),
    'noisy-import': script('noisy-import', 'noisy-key', 'api_admin', false, 'Imports editorial data, without events'),
    'vendor-portal': script('vendor-portal', 'vendor-key', 'api_vendor', true, 'What vendors may see'),
    renderfarm: script('renderfarm', 'farm-key', 'api_admin', true, 'Publishes what the farm has rendered'),
  }
}

function statuses(builder: StudioBuilder): void {
  const names = {
    wtg: 'Waiting to Start',
    rdy: 'Ready to Start',
    ip: 'In Progress',
    rev: 'Pending Review',
    fin: 'Final',
    hld: 'On Hold',
    omt: 'Omit',
    apr: 'Approved',
    opn: 'Open',
    clsd: 'Closed',
  }
  for (const [code, name] of Object.entries(names)) builder.add('Status', { code, name })
}

const stepNames = {
  Shot: ['layout', 'anim', 'fx', 'light', 'comp'],
  Asset: ['art', 'model', 'rig', 'surface'],
} as const

function stepsOf(builder: StudioBuilder, departments: readonly Ref[]): Staff['steps'] {
  const steps = (type: 'Shot' | 'Asset') =>
    stepNames[type].map((code, index) => {
      const color = `${40 * index},120,200`
      const department = departments[index % departments.length]
      const values = { code, short_name: code.toUpperCase().slice(0, 3), entity_type: type, list_order: index, color }
      return { code, ref: builder.add('Step', { ...values, department }) }
    })
  return { Shot: steps('Shot'), Asset: steps('Asset') }
}

function storageOf(builder: StudioBuilder): Ref {
  builder.add('Software', { code: 'Maya', engine: 'tk-maya', version_names: '2026' })
  builder.add('Software', { code: 'Nuke', engine: 'tk-nuke', version_names: '16.0' })
  builder.add('LocalStorage', { code: 'secondary', linux_path: '/mnt/cache', mac_path: '/Volumes/cache' })
  return builder.add('LocalStorage', {
    code: 'primary',
    linux_path: '/mnt/shows',
    mac_path: '/Volumes/shows',
    windows_path: 'S:\\shows',
  })
}

function fileTypesOf(builder: StudioBuilder): Staff['fileTypes'] {
  return [
    ['Maya Scene', 'ma'],
    ['Alembic Cache', 'abc'],
    ['Rendered Image', 'exr'],
  ].map(([code, suffix]) => ({
    code: code!,
    suffix: suffix!,
    ref: builder.add('PublishedFileType', { code, short_name: suffix }),
  }))
}

function templatesOf(builder: StudioBuilder, steps: Staff['steps']): Staff['templates'] {
  const template = (type: 'Shot' | 'Asset'): Ref => {
    const ref = builder.add('TaskTemplate', { code: `${type} basic`, entity_type: type })
    const tasks = steps[type].slice(0, 2).map((step, index) =>
      builder.add('Task', {
        content: step.code,
        step: step.ref,
        task_template: ref,
        duration: 960,
        sg_sort_order: index,
      }),
    )
    builder.add('TaskDependency', { task: tasks[0], dependent_task: tasks[1] })
    return ref
  }
  return { shot: template('Shot'), asset: template('Asset') }
}

/** Who works on which project: artists on two or three, the vendor and their script on the first. */
export function assignments(builder: StudioBuilder, staff: Staff, projects: readonly Ref[]): void {
  const [first] = projects
  staff.everyone.forEach((user, index) => {
    const isVendor = index === 3
    const own = isVendor ? [first!] : builder.random.some(projects, builder.random.between(1, 3))
    for (const project of own) builder.add('ProjectUserConnection', { project, user })
  })
  builder.amend(staff.scripts['vendor-portal']!, { projects: [first!] })
}

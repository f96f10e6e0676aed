/**
 * Permission roles and what they let see and do. The rules live outside the rows, as on the real site: no API reads
 * them, and only an event tells that they changed.
 */
import { isRef, liveRow, type Ref, refKey, refsIn, type StoredRow, type View } from './row.ts'
import { fullSight, type Sight } from './sight.ts'

/** A condition under which a row is seen: it is the caller's by assignment, or a field has one value. */
export type RowRule = 'assigned' | { readonly field: string; readonly is: unknown }

export interface Role {
  /** No rule limits it. */
  readonly everything?: boolean
  /** Only rows of projects that the caller is a member of, and rows outside projects. */
  readonly ownProjects?: boolean
  readonly hiddenTypes?: readonly string[]
  /** `Shot.sg_bid` */
  readonly hiddenFields?: readonly string[]
  readonly rows?: Readonly<Record<string, RowRule>>
  /** May write nothing. */
  readonly readOnly?: boolean
  readonly lockedFields?: readonly string[]
  readonly mayNotCreate?: readonly string[]
  /** May act as other people. */
  readonly admin?: boolean
}

const siteTypes = ['ApiUser', 'PermissionRuleSet']

const builtIn: Readonly<Record<string, Role>> = {
  admin: { everything: true, admin: true },
  api_admin: { everything: true, admin: true },
  manager: { hiddenTypes: siteTypes, mayNotCreate: ['HumanUser', 'Project'] },
  artist: {
    ownProjects: true,
    hiddenTypes: siteTypes,
    hiddenFields: ['Shot.sg_bid', 'HumanUser.email'],
    lockedFields: ['Shot.code', 'Asset.code', 'Sequence.code'],
    mayNotCreate: ['Project', 'Sequence', 'Shot', 'Asset', 'Task', 'HumanUser'],
  },
  vendor: {
    ownProjects: true,
    hiddenTypes: [...siteTypes, 'EventLogEntry'],
    hiddenFields: ['Shot.sg_bid', 'Shot.description', 'HumanUser.email'],
    rows: { Task: 'assigned' },
    mayNotCreate: ['Project', 'Sequence', 'Shot', 'Asset', 'Task', 'HumanUser'],
  },
  api_vendor: {
    ownProjects: true,
    hiddenTypes: siteTypes,
    hiddenFields: ['Shot.sg_bid', 'Version.client_approved'],
    rows: { Version: { field: 'sg_status_list', is: 'apr' } },
    readOnly: true,
  },
}

export class Roles {
  readonly #roles = new Map<string, Role>(Object.entries(builtIn))

  get names(): readonly string[] {
    return [...this.#roles.keys()]
  }

  /** A role that is not known lets nothing be written and sees what an artist does. */
  role(name: unknown): Role {
    return this.#roles.get(String(name)) ?? { ...builtIn.artist, readOnly: true }
  }

  set(name: string, role: Role): void {
    this.#roles.set(name, role)
  }

  sight(role: Role, user: Ref, view: View): Sight {
    if (role.everything) return fullSight
    const hiddenTypes = new Set(role.hiddenTypes)
    const hiddenFields = new Set(role.hiddenFields)
    const locked = new Set(role.lockedFields)
    const mayNotCreate = new Set(role.mayNotCreate)
    const projects = role.ownProjects ? projectsOf(user, view) : undefined
    const identities = role.rows ? identitiesOf(user, view) : new Set<string>()
    return {
      everything: false,
      seesType: (type) => !hiddenTypes.has(type),
      seesField: (type, field) => !hiddenFields.has(`${type}.${field}`),
      seesRow: (row) =>
        !hiddenTypes.has(row.type) &&
        isInProjects(row, projects) &&
        passesRule(row, role.rows?.[row.type], identities, view),
      mayCreate: (type) => !role.readOnly && !mayNotCreate.has(type),
      mayEdit: (type, field) => !role.readOnly && !locked.has(`${type}.${field}`),
      mayDelete: (type) => !role.readOnly && !mayNotCreate.has(type),
    }
  }
}

function projectsOf(user: Ref, view: View): ReadonlySet<number> {
  if (user.type === 'ApiUser') return new Set(refsIn(liveRow(view, user)?.values.projects).map((ref) => ref.id))
  const memberships = view.referrers('ProjectUserConnection', 'user', user).filter((row) => !row.retired)
  return new Set(memberships.map(({ values }) => (isRef(values.project) ? values.project.id : 0)))
}

/** Who a row may be assigned to for the caller to be meant: themselves, or a group they are in. */
function identitiesOf(user: Ref, view: View): ReadonlySet<string> {
  const groups = view.referrers('GroupUserConnection', 'user', user).filter((row) => !row.retired)
  return new Set([refKey(user), ...groups.flatMap(({ values }) => (isRef(values.group) ? [refKey(values.group)] : []))])
}

function isInProjects(row: StoredRow, projects: ReadonlySet<number> | undefined): boolean {
  if (!projects) return true
  if (row.type === 'Project') return projects.has(row.id)
  const { project } = row.values
  return !isRef(project) || projects.has(project.id)
}

function passesRule(row: StoredRow, rule: RowRule | undefined, identities: ReadonlySet<string>, view: View): boolean {
  if (!rule) return true
  if (rule !== 'assigned') return row.values[rule.field] === rule.is
  return refsIn(row.values.task_assignees).some(
    (ref) => identities.has(refKey(ref)) && liveRow(view, ref) !== undefined,
  )
}

/**
 * The fields that a call uses, indexed so that a change finds the steps it may move.
 *
 * A link has a far side: retiring its target empties it, and a link field of the other type may be its *inverse*
 * (`Shot.tasks` and `Task.entity`), whose change the site may tell on one side only. Which fields are inverse to each
 * other no schema says, so every pair that could be is taken as one.
 */
import { isLink, type Schema } from '../shotgrid/schema.ts'
import { connectionEnds, isConnection } from './connection-ends.ts'
import { isList, type Step } from './steps.ts'

export interface Uses {
  /** type -> field -> steps. */
  readonly steps: ReadonlyMap<string, ReadonlyMap<string, readonly Step[]>>
  /** Links that the paths hold, by the type they may lead to. */
  readonly linksTo: ReadonlyMap<string, readonly Step[]>
  /** type -> link field -> the link steps of which it may be the inverse. */
  readonly inverses: ReadonlyMap<string, ReadonlyMap<string, readonly Step[]>>
  /** Connection type -> the list steps whose members it may hold. */
  readonly connections: ReadonlyMap<string, readonly Step[]>
}

export function usesOf(steps: readonly Step[], schema: Schema): Uses {
  const links = distinctLinks(steps)
  return {
    steps: byTypeAndField(steps.map((step) => [step.type, step.field, step])),
    linksTo: group(links.flatMap((link) => link.targets.map((target): [string, Step] => [target, link]))),
    inverses: byTypeAndField(links.flatMap((link) => inversesOf(link, schema))),
    connections: group(links.filter(isList).flatMap((link) => connectionsOf(link, schema))),
  }
}

/** One step for each link field: what happens to the field happens to all its steps. */
function distinctLinks(steps: readonly Step[]): readonly Step[] {
  const links = steps.filter((step) => step.targets.length > 0)
  return [...new Map(links.map((step) => [`${step.type}.${step.field}`, step])).values()]
}

function inversesOf(link: Step, schema: Schema): [string, string, Step][] {
  if (!isLink(link.dataType)) return []
  return link.targets.flatMap((target) =>
    [...schema.fields(target).values()]
      .filter((field) => isLink(field.dataType) && mayLeadTo(field.validTypes, link.type))
      .map((field): [string, string, Step] => [target, field.name, link]),
  )
}

function mayLeadTo(validTypes: readonly string[], type: string): boolean {
  return validTypes.length === 0 || validTypes.includes(type)
}

function connectionsOf(link: Step, schema: Schema): [string, Step][] {
  return schema.types
    .filter(isConnection)
    .filter((type) => holdsList(type, link, schema))
    .map((type) => [type, link])
}

function holdsList(connection: string, link: Step, schema: Schema): boolean {
  const ends = connectionEnds(connection, schema)
  return !ends || ends.some((end) => end.type === link.type && (end.field === link.field || end.field === 'any'))
}

function byTypeAndField(items: readonly [string, string, Step][]): Map<string, Map<string, readonly Step[]>> {
  const byType = group(items.map(([type, field, step]): [string, [string, Step]] => [type, [field, step]]))
  return new Map([...byType].map(([type, fields]) => [type, group(fields)]))
}

function group<Item>(items: readonly (readonly [string, Item])[]): Map<string, Item[]> {
  const groups = new Map<string, Item[]>()
  for (const [key, item] of items) {
    const found = groups.get(key)
    if (found) found.push(item)
    else groups.set(key, [item])
  }
  return groups
}

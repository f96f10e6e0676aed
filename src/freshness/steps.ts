/**
 * Takes the paths of a call apart into *steps*: one for each field on the way, with the type it is a field of.
 *
 * `entity.Shot.sg_sequence.Sequence.code` of a Task has three: `Task.entity`, `Shot.sg_sequence`, `Sequence.code`. A
 * change of the field of any step may alter what stands at the end of the path. A step of depth 0 is a field of the
 * rows asked for; the rows of the others are *far*: links lead to them.
 */
import { isLink, isLinkList, type ResolvedPath, type Schema } from '../shotgrid/schema.ts'
import type { Condition } from './truth.ts'

/** What a path is for: to be shown, to select rows, to put them in order. */
export type Role = 'shown' | 'filter' | 'order'

export interface Leaf extends Condition {
  /** A condition that every row of the result fulfils: nothing but `and` above it. */
  readonly isTop: boolean
}

export interface Step {
  readonly type: string
  readonly field: string
  readonly dataType: string
  /** For links: types it may lead to. */
  readonly targets: readonly string[]
  readonly depth: number
  /** The path that leads to the step's row; empty at depth 0. */
  readonly prefix: string
  /** The path up to and with the step's field. */
  readonly path: string
  readonly isLast: boolean
  readonly role: Role
  /** For filters. */
  readonly leaf?: Leaf
}

/** The steps of a path, or `undefined` if it leads nowhere. A plain field that no schema names is a step too. */
export function stepsOf(
  schema: Schema,
  type: string,
  path: string,
  role: Role,
  leaf?: Leaf,
): readonly Step[] | undefined {
  const resolved = schema.resolve(type, path) ?? unnamedField(type, path)
  if (!resolved) return undefined
  const parts = path.split('.')
  const last = { type: resolved.type, field: resolved.field }
  return [...resolved.hops, last].map((hop, depth): Step => {
    const { dataType } = hop.field
    return {
      type: hop.type,
      field: hop.field.name,
      dataType,
      targets: targetsOf(dataType, hop.field.validTypes, schema),
      depth,
      prefix: parts.slice(0, Math.max(0, depth * 2 - 1)).join('.'),
      path: parts.slice(0, depth * 2 + 1).join('.'),
      isLast: depth === resolved.hops.length,
      role,
      ...(leaf && { leaf: { ...leaf, dataType: resolved.field.dataType } }),
    }
  })
}

/** Sites have fields that their schema does not show. Events name them all the same. */
function unnamedField(type: string, path: string): ResolvedPath | undefined {
  if (path.includes('.') || path.includes('$')) return undefined
  return {
    hops: [],
    type,
    field: { name: path, dataType: 'unknown', validTypes: [], editable: false, validValues: [] },
  }
}

function targetsOf(dataType: string, validTypes: readonly string[], schema: Schema): readonly string[] {
  if (dataType === 'url') return ['Attachment']
  if (!isLink(dataType)) return []
  return validTypes.length > 0 ? validTypes : schema.types
}

export function isList(step: Step): boolean {
  return isLinkList(step.dataType)
}

/**
 * A field of a row as the API answers it: links with the live name of their target, files with freshly signed
 * addresses, text escaped. `undefined` means that the field is left out of the answer.
 */
import type { EntityLink } from '../shotgrid/wire.ts'
import { compute } from './computed.ts'
import { displayName } from './display-name.ts'
import type { FieldSpec } from './field-spec.ts'
import { fileValue } from './files.ts'
import { linkedRows } from './links.ts'
import type { Reading } from './reading.ts'
import { liveRow, type StoredRow } from './row.ts'

export function readField(reading: Reading, row: StoredRow, spec: FieldSpec): unknown {
  switch (spec.source.kind) {
    case 'id':
      return row.id
    case 'displayName':
      return displayName(row)
    case 'computed':
      return compute(row, spec.name, reading.view, reading.schema)
    case 'perUser':
      return reading.perUser.get(reading.caller.user, row, spec.name) ?? spec.defaultValue
    case 'inverse':
    case 'connection':
      return linkedRows(reading.view, row, spec).map((target) => linkTo(reading, target))
    case 'stored':
      return readStored(reading, row, spec)
  }
}

function readStored(reading: Reading, row: StoredRow, spec: FieldSpec): unknown {
  const value = row.values[spec.name]
  switch (spec.dataType) {
    case 'entity': {
      const target = liveRow(reading.view, value)
      return target ? linkTo(reading, target) : null
    }
    case 'multi_entity':
    case 'addressing':
      return linkedRows(reading.view, row, spec).map((target) => linkTo(reading, target))
    case 'tag_list':
      return value ?? []
    case 'checkbox':
      return value ?? false
    case 'text':
      // The client turns this back; whoever does not use it sees the escape, as on the real site.
      return typeof value === 'string' && value.includes('<') ? value.replaceAll('<', '&lt;') : (value ?? null)
    case 'image':
      return readImage(reading, value)
    case 'url':
      return fileValue(reading, value)
    case 'password':
      return '*******'
    default:
      return value ?? null
  }
}

/** A link shows the name that its target has, or had a moment ago where names come from a delayed cache. */
export function linkTo(reading: Reading, row: StoredRow): EntityLink {
  const named = reading.names === reading.view ? row : (reading.names.get(row.type, row.id) ?? row)
  return { type: row.type, id: row.id, name: displayName(named) }
}

function readImage(reading: Reading, picture: unknown): string | null {
  if (typeof picture === 'string') return `${reading.siteUrl}${picture}`
  if (typeof picture !== 'number') return null
  return reading.imageUrls ? reading.sign(`/file_serve/thumbnail/${picture}`) : `/thumbnail/api_image/${picture}`
}

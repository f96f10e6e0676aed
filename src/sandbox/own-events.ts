/** Events that tools write themselves (`Toolkit_Folders_Create`, …): the one way to make a row of the event log. */
import type { Row } from '../shotgrid/wire.ts'
import { refused } from './fault.ts'
import type { FieldSpec } from './field-spec.ts'
import { compileFields } from './read.ts'
import type { StoredRow } from './row.ts'
import type { Writing } from './writing.ts'

export function appendEvent(
  writing: Writing,
  inputs: readonly { readonly field: FieldSpec; readonly value: unknown }[],
): Row {
  const given = Object.fromEntries(inputs.map(({ field, value }) => [field.name, value]))
  const { event_type: eventType } = given
  if (typeof eventType !== 'string' || eventType.startsWith('Shotgun_')) {
    throw refused(`EventLogEntry.event_type cannot be ${JSON.stringify(eventType)}.`)
  }
  const { caller, now, world } = writing
  const made = { user: caller.user, session_uuid: caller.sessionUuid, created_at: now }
  const blank = { attribute_name: null, meta: null, entity: null, project: null, description: null }
  const row: StoredRow = {
    type: 'EventLogEntry',
    id: world.eventLog.takeId(),
    retired: false,
    values: { ...blank, ...made, ...given },
  }
  writing.tx.event(row)
  return compileFields(writing.reading, row.type, Object.keys(given))(row)
}

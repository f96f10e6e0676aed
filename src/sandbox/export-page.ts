/**
 * A page of the web application as a table: the one method whose answer is no JSON. One page may be exported, which
 * shows all shots.
 */
import { refused } from './fault.ts'
import type { Args } from './read.ts'
import type { Reading } from './reading.ts'

const shotPage = 1

/** Goes over the wire as it is. */
export class CsvPage {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }

  toJSON(): string {
    return this.text
  }
}

export function exportPage(reading: Reading, { page_id: page, format }: Args): CsvPage {
  for (const [name, value] of Object.entries({ page_id: page, format })) {
    if (value === undefined || value === null) throw refused(`API export_page() '${name}' missing`)
  }
  if (page !== shotPage || format !== 'csv') throw refused(`Export for Page id=${String(page)} not available`)
  const rows = reading.view.ids('Shot').map((id) => reading.view.get('Shot', id)!)
  const lines = rows
    .filter((row) => !row.retired && reading.sight.seesRow(row))
    .map(({ id, values }) => [id, values.code, values.sg_status_list].map(cell).join(','))
  return new CsvPage(`${['Id,Shot Code,Status', ...lines].join('\n')}\n`)
}

function cell(value: unknown): string {
  const text = String(value ?? '')
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

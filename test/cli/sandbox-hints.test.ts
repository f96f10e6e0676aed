import { expect, test } from 'vitest'
import { sandboxHints } from '../../src/cli/sandbox-hints.ts'

const hints = {
  address: 'http://127.0.0.1:8000',
  site: 'http://127.0.0.1:9999',
  task: { id: 11, status: 'ip', next: 'fin' },
  otherShot: 7,
  credentials: { script: 'sgcache', key: 'sandbox-key' },
  pollMs: 5000,
  needsToken: false,
}

/** The JSON after `-d`, of each curl line. */
function bodies(text: string): unknown[] {
  return [...text.matchAll(/-d '([^']*)'/g)].map((match) => JSON.parse(match[1]!))
}

test('the hints are lines to copy: an entity, a query, and a change of that entity at the site', () => {
  const text = sandboxHints(hints)
  expect(text).toContain("curl -s 'http://127.0.0.1:8000/entity/Task/11?fields=content,sg_status_list'")
  const [query, update] = bodies(text)
  expect(query).toMatchObject({ entity_type: 'Task', filters: [['entity', 'is', { type: 'Shot', id: 7 }]] })
  expect(update).toMatchObject({
    method_name: 'update',
    params: [{ script_name: 'sgcache' }, { type: 'Task', id: 11 }],
  })
  for (const part of ['5s (events.poll)', 'http://127.0.0.1:8000/docs', 'http://127.0.0.1:8000/metrics']) {
    expect(text).toContain(part)
  }
})

test('with tokens on, each read carries one, and the hints say how to get it', () => {
  const text = sandboxHints({ ...hints, needsToken: true })
  expect(text).toContain('TOKEN=$(sgcache token --subject me)')
  expect(text.match(/Bearer \$TOKEN/g)).toHaveLength(2)
  expect(sandboxHints(hints)).not.toContain('TOKEN')
})

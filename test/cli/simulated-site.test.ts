import { expect, test } from 'vitest'
import { openSite, sandboxCredentials, settingsFor } from '../../src/cli/simulated-site.ts'
import { resolveConfig } from '../../src/config/resolve.ts'

const quiet = { seed: 1, size: 'studio', activity: 0, port: 0, host: '127.0.0.1' } as const

test('the simulated site listens on a free port, and has a task to try with and a shot that is not its own', async () => {
  const site = await openSite(quiet)
  try {
    expect(site.address).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
    const { task, otherShot } = site.examples()
    expect(task.next).not.toBe(task.status)
    const read = async (filters: unknown[], fields: string[]) => {
      const auth = { script_name: sandboxCredentials.script, script_key: sandboxCredentials.key }
      const args = {
        type: 'Task',
        return_fields: fields,
        filters: { logical_operator: 'and', conditions: filters },
        return_only: 'active',
        paging: { entities_per_page: 50, current_page: 1 },
      }
      const body = JSON.stringify({ method_name: 'read', params: [auth, args] })
      const reply = await fetch(`${site.address}/api3/json`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
      })
      return ((await reply.json()) as { results: { entities: Record<string, unknown>[] } }).results.entities
    }
    const [row] = await read([{ path: 'id', relation: 'is', values: [task.id] }], ['sg_status_list', 'entity'])
    expect(row).toMatchObject({ id: task.id, sg_status_list: task.status })
    expect(row?.entity).not.toMatchObject({ id: otherShot })
    const others = await read([{ path: 'entity', relation: 'is', values: [{ type: 'Shot', id: otherShot }] }], ['id'])
    expect(others.length).toBeGreaterThan(0)
  } finally {
    await site.close()
  }
})

test('a server in front of it is configured for it, whatever else is set', () => {
  const site = { address: 'http://127.0.0.1:1', examples: () => ({}) as never, close: async () => undefined }
  const env = {
    SG_URL: 'https://studio.example.com',
    SG_SCRIPT: 'a',
    SG_KEY: 'b',
    SGCACHE_SHOTGRID_PROXY: 'http://proxy:3128',
    SGCACHE_SHOTGRID_CA_FILE: '/ca.pem',
  }
  const { config, resolved } = resolveConfig({
    flags: [],
    env,
    overrides: settingsFor(site),
    cwd: '/',
    readFile: () => '',
  })
  expect(config?.shotgrid).toMatchObject({ url: 'http://127.0.0.1:1', script: 'sgcache', key: 'sandbox-key' })
  expect([config?.shotgrid.proxy, config?.shotgrid.ca_file]).toEqual([undefined, undefined])
  expect(resolved.find(({ setting }) => setting.name === 'shotgrid.url')?.given.place).toBe('--sandbox')
})

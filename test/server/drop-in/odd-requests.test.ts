/** Requests that no client sends: nobody's mistake takes the server down, or is answered with somebody's answer. */
import { afterEach, describe, expect, it } from 'vitest'
import { type DropInWorld, injected, openDropInWorld, script } from './drop-in-world.ts'

let world: DropInWorld
afterEach(() => world.close())

function open() {
  const bodies: Buffer[] = []
  world = openDropInWorld({
    size: 'tiny',
    transport: (site) => (request) => {
      bodies.push(request.body)
      return site(request)
    },
  })
  return { bodies, post: injected(world.listener) }
}

const read = {
  type: 'Shot',
  return_fields: ['code'],
  filters: { logical_operator: 'and', conditions: [{ path: 'sg_cut_order', relation: 'is', values: [1] }] },
  return_only: 'active',
  paging: { entities_per_page: 1, current_page: 1 },
}
const asked = (args: string, auth: object = script) =>
  Buffer.from(`{"method_name":"read","params":[${JSON.stringify(auth)},${args}]}`)

describe('a request', () => {
  it('nested too deep to be written anew is a fault, and was not sent', async () => {
    const { bodies, post } = open()
    const deep = `${'['.repeat(20_000)}${']'.repeat(20_000)}`
    const reply = await post(asked(deep, { ...script, sgcache_min_seq: 1 }), {})
    expect(reply.status).toBe(200)
    expect(JSON.parse(reply.body.toString())).toMatchObject({ exception: true })
    expect(bodies).toEqual([])
  })

  it('with bytes that are no text is the site’s to read', async () => {
    const { bodies, post } = open()
    const body = Buffer.concat([asked('{"type":"Sh').subarray(0, -2), Buffer.from([0xe9]), Buffer.from('ot"}]}')])
    await post(body, {})
    expect(bodies).toEqual([body])
  })

  it('with a number that JSON cannot carry goes to the site as it came', async () => {
    const { bodies, post } = open()
    await post(asked(JSON.stringify(read)), {})
    for (const number of ['1e999', '12345678901234567890']) {
      const body = asked(JSON.stringify(read).replace('[1]', `[${number}]`))
      const reply = await post(body, {})
      expect(String(reply.headers['cache-status'])).toMatch(/^sgcache; fwd=bypass/)
      expect(bodies.at(-1)).toEqual(body)
    }
  })
})

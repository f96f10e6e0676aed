/** Callers whose rights the site alone knows: sessions that end, and answers that hang on rules nobody can read. */
import { afterEach, describe, expect, it } from 'vitest'
import type { AuthParams } from '../../../src/shotgrid/wire.ts'
import type { PythonFault } from '../../support/python-wire.ts'
import { type DropInWorld, openDropInWorld, script } from './drop-in-world.ts'

const ivy: AuthParams = { user_login: 'ivy', user_password: 'sandbox' }

let world: DropInWorld
afterEach(() => world.close())
const open = () => {
  world = openDropInWorld({ size: 'tiny' })
}

const ask = (auth: AuthParams) => world.client(auth).call('read', shots)

/** Without a handshake, so that only this question is counted. */
const shots = {
  type: 'Shot',
  return_fields: ['code', 'sg_status_list'],
  filters: {
    logical_operator: 'and',
    conditions: [{ path: 'project', relation: 'is', values: [{ type: 'Project', id: 1 }] }],
  },
  return_only: 'active',
  paging: { entities_per_page: 500, current_page: 1 },
  api_return_image_urls: true,
  return_paging_info_without_counts: false,
}

async function callsOf(work: () => Promise<unknown>): Promise<number> {
  const before = world.upstreamCalls()
  await work()
  return world.upstreamCalls() - before
}

describe('a session that ends', () => {
  it.each(['by the site', 'with the rights of its owner'])(
    '%s is told by the fault on which the client logs in again',
    async (how) => {
      open()
      const admin = world.direct(script)
      const { id } = (await admin.findOne('HumanUser', [['login', 'is', 'ivy']], ['id']))!
      const { session_id: token } = (await world.client(ivy).call('get_session_token')) as { session_id: string }
      const session = { session_token: token }
      await ask(session)
      expect(await callsOf(() => ask(session))).toBe(0)
      if (how === 'by the site') world.sandbox.revoke('ivy')
      else await admin.update('HumanUser', id, { sg_status_list: 'dis' })
      await world.clock.advance(60_000)
      const truth = (await world
        .direct(session)
        .call('read', shots)
        .catch((error: unknown) => error)) as PythonFault
      expect(truth.message).toMatch(/session token/)
      await expect(ask(session)).rejects.toMatchObject({
        name: 'AuthenticationFault',
        code: 102,
        message: truth.message,
      })
    },
  )
})

describe('a caller who may not see everything', () => {
  /** Whether the question is still answered from cache after the write. */
  async function survives(auth: AuthParams, write: () => Promise<unknown>): Promise<boolean> {
    open()
    await ask(auth)
    await write()
    return (await callsOf(() => ask(auth))) === 0
  }
  const admin = () => world.client(script)

  it.each<[string, () => Promise<unknown>]>([
    ['a field that is not shown', () => admin().update('Shot', 1, { description: 'x' })],
    ['a row of another project', () => admin().update('Shot', 9, { sg_cut_order: 77 })],
    ['who is in a project', () => admin().update('Project', 2, { users: [] })],
    ['who is in a group', () => admin().update('Group', 1, { users: [] })],
    ['somebody’s role', () => admin().update('HumanUser', 3, { permission_rule_set: null })],
  ])('is asked for anew after a change of %s, since a rule may hang on it', async (_, write) => {
    expect(await survives(ivy, write)).toBe(false)
  })

  it('is answered from cache after changes of types that play no part', async () => {
    expect(await survives(ivy, () => admin().update('TaskTemplate', 1, { code: 'x' }))).toBe(true)
  })

  it('is treated with more care than who may', async () => {
    expect(await survives(script, () => admin().update('Shot', 1, { description: 'x' }))).toBe(true)
  })
})

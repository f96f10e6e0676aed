import { describe, expect, it } from 'vitest'
import { CallBudget, withinBudget } from '../../src/shotgrid/call-budget.ts'
import { TransportError, type TransportRequest } from '../../src/shotgrid/transport.ts'

const turn = () => new Promise<void>((resolve) => setImmediate(resolve))

/** A transport whose calls are answered when the test says so. */
function slowSite() {
  const waiting: (() => void)[] = []
  const transport = async ({ signal }: TransportRequest) => {
    await new Promise<void>((resolve, reject) => {
      waiting.push(resolve)
      signal?.addEventListener('abort', () => reject(new TransportError('aborted', true)))
    })
    return { status: 200, headers: {}, body: Buffer.from('{}') }
  }
  return { waiting, transport }
}

function budgetFor(calls: number, processes = 1) {
  const tier = { processes }
  const site = slowSite()
  const budget = new CallBudget({ calls, processes: () => tier.processes })
  const send = withinBudget(site.transport, budget)
  const ask = (signal?: AbortSignal) => send({ path: '/', body: Buffer.alloc(0), ...(signal && { signal }) })
  return { tier, budget, waiting: site.waiting, ask }
}

describe('the budget of calls', () => {
  it.each([
    [20, 1, 20],
    [20, 3, 6],
    [20, 20, 1],
    [3, 20, 1],
    [20, 0, 20],
  ])('of %i for %i processes is %i for each', (calls, processes, share) => {
    expect(budgetFor(calls, processes).budget.share).toBe(share)
  })

  it('lets no more calls begin than the share of this process', async () => {
    const { waiting, ask } = budgetFor(6, 3)
    const calls = [ask(), ask(), ask()]
    await turn()
    expect(waiting).toHaveLength(2)
    waiting[0]!()
    await calls[0]
    await turn()
    expect(waiting).toHaveLength(3)
    for (const answer of waiting) answer()
    await Promise.all(calls)
  })

  it('lets fewer begin when another process has come, and more when it is gone', async () => {
    const { tier, waiting, ask } = budgetFor(4)
    const calls = Array.from({ length: 8 }, () => ask())
    await turn()
    expect(waiting).toHaveLength(4)
    tier.processes = 2
    for (const answer of waiting.slice(0, 3)) answer()
    await turn()
    expect(waiting).toHaveLength(5) // 1 still under way, 1 begun
    tier.processes = 1
    waiting[3]!()
    await turn()
    expect(waiting).toHaveLength(8)
    for (const answer of waiting) answer()
    await Promise.all(calls)
  })

  it('gives the turn of a call that failed to the next', async () => {
    const { waiting, ask } = budgetFor(1)
    const aborted = new AbortController()
    const failed = ask(aborted.signal)
    const next = ask()
    await turn()
    aborted.abort()
    await expect(failed).rejects.toMatchObject({ sent: true })
    await turn()
    waiting[1]!()
    expect((await next).status).toBe(200)
  })

  it('tells at once of a call that is given up while it waits, and that it was not sent', async () => {
    const { waiting, ask } = budgetFor(1)
    const first = ask()
    const aborted = new AbortController()
    const [second, third] = [ask(aborted.signal), ask()]
    await turn()
    aborted.abort()
    await expect(second).rejects.toMatchObject({ name: 'TransportError', sent: false })
    waiting[0]!()
    await first
    await turn()
    expect(waiting).toHaveLength(2) // the third; the second never came
    waiting[1]!()
    await third
    await expect(ask(AbortSignal.abort())).rejects.toMatchObject({ sent: false })
  })
})

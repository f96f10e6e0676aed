/**
 * The end of a run: when nothing befalls anybody any more and nobody writes, every instance says the truth about
 * everything, out of its cache, and the follower has seen every event.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { until } from '../support/servers/until.ts'
import type { Readers } from './readers.ts'
import type { Run } from './run.ts'
import { boundMs } from './settings.ts'
import { sgcache } from './site.ts'

/** For starting anew after the last mishap, on a machine with little to give. */
const recoveryMs = 20_000

export async function expectQuiet(run: Run, readers: Readers): Promise<void> {
  const withinMs = Math.max(boundMs('silent'), boundMs('silent removal')) + recoveryMs
  const end = performance.now() + withinMs
  let wrong = await asked(run, readers)
  while (wrong.length > 0 && performance.now() < end) {
    await sleep(500)
    wrong = await asked(run, readers)
  }
  for (const text of wrong)
    run.tally.fault({ kind: 'not right at the end', from: end - withinMs, to: Number.POSITIVE_INFINITY, text })
  await expectEveryEventSeen(run)
}

/** Asks everybody everything, twice: the second time it may come from cache. Names what was not the truth. */
async function asked(run: Run, readers: Readers): Promise<string[]> {
  const wrong: string[] = []
  for (const instance of run.fleet.instances) {
    for (const [index, question] of run.questions.entries()) {
      for (const door of [...question.doors, ...question.doors]) {
        if (await readers.ask(instance, index, door)) continue
        wrong.push(`${question.name} (${door.name}) at ${instance.name}`)
      }
    }
  }
  return wrong
}

async function expectEveryEventSeen(run: Run): Promise<void> {
  const newest = newestEventId(run)
  const seen = async () => {
    const health = await run.fleet.health()
    return health.length === run.fleet.all.length && health.every(({ lastEventId }) => lastEventId === newest)
  }
  const what = `every instance knows that event ${newest} was the last`
  await until(seen, { what, withinMs: recoveryMs }).catch(async (error: unknown) => {
    const health = (await run.fleet.health()).map(({ instance, ...rest }) => ({ instance: instance.name, ...rest }))
    const text = `${error}: ${JSON.stringify(health)}`
    run.tally.fault({ kind: 'lost event', from: performance.now() - recoveryMs, to: Number.POSITIVE_INFINITY, text })
  })
}

function newestEventId({ site }: Run): number {
  const results = site.call(sgcache, 'read', {
    type: 'EventLogEntry',
    return_fields: ['id'],
    filters: { logical_operator: 'and', conditions: [] },
    return_only: 'active',
    sorts: [{ field_name: 'id', direction: 'desc' }],
    paging: { entities_per_page: 1, current_page: 1 },
  })
  return (results as { entities: { id: number }[] }).entities[0]!.id
}

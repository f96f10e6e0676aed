import { expect, it } from 'vitest'
import { newDatabase } from '../../support/servers/shared.ts'
import { until } from '../../support/servers/until.ts'
import { mayAnswer } from '../redis/redis-for-tests.ts'
import { openForTest } from './postgres-for-tests.ts'

it('the types that processes tell each other are those of all, each for as long as the last who noted it said', async () => {
  const url = await newDatabase()
  const [{ backend: a }, { backend: b }] = [await openForTest(url), await openForTest(url)]
  try {
    await mayAnswer(a, b)
    expect(await a.types!.all()).toEqual([])
    await a.types!.note(['Shot', 'Task'], 600_000)
    await b.types!.note(['Task', 'Asset'], 100)
    await until(async () => !(await b.types!.all()).includes('Asset'), { what: 'a type is forgotten' })
    expect((await b.types!.all()).toSorted()).toEqual(['Shot', 'Task'])
    await Promise.all([a.types!.note(['Shot', 'Step', 'Asset'], 600_000), b.types!.note(['Asset', 'Shot'], 600_000)])
    expect((await a.types!.all()).toSorted()).toEqual(['Asset', 'Shot', 'Step', 'Task'])
  } finally {
    await Promise.all([a.close(), b.close()])
  }
})

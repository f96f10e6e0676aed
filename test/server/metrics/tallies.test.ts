import { describe, expect, it } from 'vitest'
import { Tally } from '../../../src/server/metrics/tallies.ts'

describe('a tally', () => {
  it('counts by its words', () => {
    const tally = new Tally()
    tally.add(['event', 'change'])
    tally.add(['event', 'change'], 4)
    tally.add(['write', 'change'])
    expect([...tally.entries()]).toMatchObject([
      { words: ['event', 'change'], count: 5 },
      { words: ['write', 'change'], count: 1 },
    ])
  })

  it('sums what begins with given words', () => {
    const tally = new Tally()
    tally.add(['event', 'change'], 2)
    tally.add(['event', 'create'], 3)
    tally.add(['write', 'change'], 5)
    expect([tally.of('event'), tally.of('event', 'create'), tally.of('sweep'), tally.of()]).toEqual([5, 3, 0, 10])
  })

  it('takes words apart that only look alike when they are joined', () => {
    const tally = new Tally()
    tally.add(['a b', 'c'])
    tally.add(['a', 'b c'])
    expect([...tally.entries()]).toHaveLength(2)
  })

  it('counts words beyond its bound as other, and loses none', () => {
    const tally = new Tally(3)
    for (let i = 0; i < 10; i += 1) tally.add([`reason ${i}`, 'x'], 2)
    expect([...tally.entries()].map(({ words, count }) => [words.join(), count])).toEqual([
      ['reason 0,x', 2],
      ['reason 1,x', 2],
      ['reason 2,x', 2],
      ['other,other', 14],
    ])
    tally.add(['reason 1', 'x'])
    expect(tally.of('reason 1')).toBe(3)
  })

  it('loses none either when what comes is called other itself', () => {
    const tally = new Tally(1)
    tally.add(['one'])
    tally.add(['other'])
    tally.add(['two'])
    expect(tally.of('other')).toBe(2)
  })
})

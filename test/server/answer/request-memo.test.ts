import { describe, expect, it } from 'vitest'
import type { Scope } from '../../../src/reads/reader.ts'
import { type Asked, RequestMemo } from '../../../src/server/answer/request-memo.ts'
import { questionAbout } from '../../support/cache-world.ts'

const scope = (name: string) => ({ name, sees: 'everything' }) as Scope // its client is not used here
const asked = (scopeName: string): Asked => ({
  question: questionAbout([1], scopeName),
  view: 'entity',
  schema: undefined,
})

describe('the memo of requests', () => {
  it('tells what a text asked in the scope that asked it', () => {
    const memo = new RequestMemo(100_000)
    const [farm, crew] = [scope('farm'), scope('crew')]
    memo.learnUrl(farm, '/entity/Shot/1', asked('farm'))
    expect(memo.ofUrl(farm, '/entity/Shot/1')).toEqual(asked('farm'))
    expect(memo.ofUrl(crew, '/entity/Shot/1')).toBeUndefined()
  })

  it('never mixes up two scopes that ask in turn', () => {
    const memo = new RequestMemo(100_000)
    const [farm, crew] = [scope('farm'), scope('crew')]
    memo.learnBody(farm, '{}', asked('farm'))
    memo.learnBody(crew, '{}', asked('crew'))
    for (let time = 0; time < 3; time += 1) {
      expect(memo.ofBody(farm, '{}')?.question.scope).toBe('farm')
      expect(memo.ofBody(crew, '{}')?.question.scope).toBe('crew')
    }
  })

  it('takes a URL for a URL and a body for a body', () => {
    const memo = new RequestMemo(100_000)
    const farm = scope('farm')
    memo.learnUrl(farm, 'text', asked('farm'))
    expect(memo.ofBody(farm, 'text')).toBeUndefined()
  })

  it('knows nothing after it was cleared, and can learn again', () => {
    const memo = new RequestMemo(100_000)
    const farm = scope('farm')
    memo.learnUrl(farm, '/a', asked('farm'))
    expect(memo.ofUrl(farm, '/a')).toBeDefined()
    memo.clear()
    expect(memo.ofUrl(farm, '/a')).toBeUndefined()
    memo.learnUrl(farm, '/a', asked('farm'))
    expect(memo.ofUrl(farm, '/a')).toBeDefined()
  })
})

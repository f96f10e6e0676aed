import { describe, expect, test } from 'vitest'
import { createLogger } from '../../src/cli/logger.ts'

function logged(settings: Parameters<typeof createLogger>[0], isTerminal = false) {
  const lines: string[] = []
  return { lines, log: createLogger(settings, { out: (line) => lines.push(line), isTerminal }) }
}

describe('the log', () => {
  test('is one JSON object a line, with the level as a word and the time as a date', () => {
    const { lines, log } = logged({ level: 'info', format: 'json' }, true)
    log.info({ requestId: 'a' }, 'answered')
    expect(lines).toHaveLength(1)
    expect(JSON.parse(lines[0]!)).toMatchObject({ level: 'info', requestId: 'a', msg: 'answered' })
    expect(JSON.parse(lines[0]!).time).toMatch(/^\d{4}-\d\d-\d\dT/)
  })

  test('leaves out what is less important than its level', () => {
    const { lines, log } = logged({ level: 'warn', format: 'json' })
    log.info('no')
    log.warn('yes')
    expect(lines).toHaveLength(1)
    const silent = logged({ level: 'silent', format: 'json' })
    silent.log.error('no')
    expect(silent.lines).toEqual([])
  })

  test.each([
    ['auto', true, 'text'],
    ['auto', false, 'json'],
    ['text', false, 'text'],
  ] as const)('of format %s, read by a person: %s, is %s', (format, isTerminal, expected) => {
    const { lines, log } = logged({ level: 'info', format }, isTerminal)
    log.info({ port: 8000, url: 'http://a' }, 'listening')
    if (expected === 'text') expect(lines[0]).toMatch(/^\d\d:\d\d:\d\d info {2}listening port=8000 url=http:\/\/a$/)
    else expect(JSON.parse(lines[0]!).port).toBe(8000)
  })

  test.each(['json', 'text'] as const)('hides what could be a secret, as %s', (format) => {
    const { lines, log } = logged({ level: 'info', format })
    log.info({ headers: { authorization: 'Bearer S3' }, params: { auth: { script_key: 'S3' } }, key: 'S3' }, 'x')
    expect(lines[0]).not.toContain('S3')
    expect(lines[0]).toContain('[hidden]')
  })
})

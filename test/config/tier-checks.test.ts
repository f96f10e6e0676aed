import { describe, expect, test } from 'vitest'
import { problemText } from '../../src/config/problem.ts'
import { resolveConfig } from '../../src/config/resolve.ts'

const complete = { SG_URL: 'https://studio.example.com', SG_SCRIPT: 'cache', SG_KEY: 'k' }

function problemsOf(yaml: string, env: Readonly<Record<string, string>> = {}): readonly string[] {
  const file = { path: 'c.yaml', text: yaml }
  const readFile = () => ''
  const { problems } = resolveConfig({ flags: [], env: { ...complete, ...env }, cwd: '/', readFile, file })
  return problems.map(problemText).filter((problem) => !problem.includes('tier is not built'))
}

describe('the settings of the shared tiers are refused', () => {
  test.each([
    ['sentinels that nobody named', 'tier: redis\nredis: {mode: sentinel}', /redis.nodes is empty: name the sentinels/],
    ['a cluster that nobody named', 'tier: redis\nredis: {mode: cluster}', /redis.nodes is empty: name some of its/],
    ['nodes of a single Redis', 'tier: redis\nredis: {nodes: ["a:1"]}', /Did you mean mode "sentinel" or "cluster"/],
    [
      'a database in a cluster',
      'tier: redis\nredis: {mode: cluster, nodes: ["a:1"], database: 2}',
      /redis.database is 2, but a cluster has only 0/,
    ],
    ['authorities that nobody asks', 'tier: redis\nredis: {ca_file: ca.pem}', /Set redis.tls to true/],
    [
      'the same of Postgres',
      'tier: postgres\npostgres: {ca_file: ca.pem, tls: require}',
      /Set postgres.tls to "verify"/,
    ],
    ['the redis tier without Redis', 'tier: redis\nredis: {enabled: false}', /the redis tier is nothing without Redis/],
    [
      'a call that outlives the right to answer',
      'tier: redis\nshared: {lease: 1s, deadline: 1s}',
      /shared.deadline \(1s\) must be shorter than shared.lease \(1s\)/,
    ],
    ['following left to nobody', 'events: {here: false}', /nobody else can follow for this process/],
    [
      'a follower that would lose its place between two looks',
      'tier: redis\nevents: {poll: 8s}\nshared: {follower_lease: 15s}',
      /shared.follower_lease \(15s\) must be twice events.poll \(8s\)/,
    ],
    [
      'blindness between two looks of another',
      'tier: redis\nevents: {poll: 5s, blind_after: 14s}',
      /events.blind_after \(14s\) must be three times events.poll \(5s\)/,
    ],
    ['a node without a port', 'redis: {nodes: ["a"]}', /redis.nodes.0: "a" is not an address such as "redis-1:26379"/],
    ['braces in the prefix', 'redis: {prefix: "{x}"}', /redis.prefix: "{x}" is not up to 128 letters/],
    ['a schema that needs quotes', 'postgres: {schema: Studio}', /postgres.schema: "Studio" is not a name of small/],
  ])('%s', (_, yaml, problem) => {
    expect(problemsOf(yaml)).toEqual([expect.stringMatching(problem)])
  })

  test('an address that is none, without showing it', () => {
    const [problem, ...others] = problemsOf('tier: redis', { REDIS_URL: 'redis://ann:S3-hush@' })
    expect(others).toEqual([])
    expect(problem).toMatch(/^REDIS_URL: redis.url must be an address such as redis:/)
    expect(problem).not.toContain('S3-hush')
  })

  test('an address beside nodes', () => {
    const yaml = 'tier: redis\nredis: {mode: cluster, nodes: ["a:1"]}'
    expect(problemsOf(yaml, { REDIS_URL: 'redis://a' })).toEqual([expect.stringMatching(/use redis.nodes/)])
  })

  test('two customary names that disagree', () => {
    expect(problemsOf('', { POSTGRES_USER: 'a', PG_USER: 'b' })).toEqual([
      'POSTGRES_USER: postgres.user: POSTGRES_USER and PG_USER are both set; keep one of them.',
    ])
    expect(problemsOf('', { POSTGRES_USER: 'a', PG_USER: 'a' })).toEqual([])
  })
})

describe('the settings of the shared tiers are accepted', () => {
  test.each([
    'redis: {mode: sentinel}',
    'tier: postgres\nredis: {enabled: false, mode: sentinel}',
    'tier: postgres\nredis: {enabled: false}',
    'tier: redis\nredis: {mode: sentinel, nodes: ["a:26379", "[::1]:26379"], database: 2}',
    'shared: {lease: 1s}',
    'tier: postgres\nredis: {enabled: false}\nevents: {here: false}',
    'events: {poll: 5s, blind_after: 6s}',
  ])('%s', (yaml) => {
    expect(problemsOf(yaml)).toEqual([])
  })

  test('an address with TLS beside authorities', () => {
    expect(problemsOf('tier: redis\nredis: {ca_file: ca.pem}', { REDIS_URL: 'rediss://a' })).toEqual([])
  })
})

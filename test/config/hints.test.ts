import { expect, test } from 'vitest'
import { hintsOf } from '../../src/config/hints.ts'
import { resolveConfig } from '../../src/config/resolve.ts'

function hints(yaml: string, env: Readonly<Record<string, string>> = {}): readonly string[] {
  const file = { path: 'c.yaml', text: yaml }
  const { resolved, values } = resolveConfig({ flags: [], env, cwd: '/', readFile: () => '', file })
  return hintsOf(resolved, values)
}

test.each([
  [
    '',
    { REDIS_URL: 'redis://a' },
    ['redis.url (REDIS_URL) is not used with tier "memory". Set tier to "redis" to use it.'],
  ],
  [
    'redis: {host: a, port: 1}\npostgres: {host: b}',
    {},
    [
      'redis.host (c.yaml:1), redis.port (c.yaml:1) are not used with tier "memory". Set tier to "redis" to use them.',
      'postgres.host (c.yaml:2) is not used with tier "memory". Set tier to "postgres" to use it.',
    ],
  ],
  [
    'tier: redis\npostgres: {host: b}',
    {},
    ['postgres.host (c.yaml:2) is not used with tier "redis". Set tier to "postgres" to use it.'],
  ],
  [
    'tier: postgres',
    { DATABASE_URL: 'postgres://db/x?sslmode=require&options=S3-hush&channel_binding=require' },
    [
      'postgres.url has parameters that are not read: options, channel_binding. What can be set is in docs/configuration.md.',
    ],
  ],
  [
    'tier: postgres\nredis: {enabled: false, host: a}',
    {},
    ['redis.host (c.yaml:2) is not used with tier "postgres". Set redis.enabled to true to use it.'],
  ],
  ['shared: {lease: 3s}', {}, [expect.stringContaining('shared.lease (c.yaml:1) is not used')]],
])('%j with %j is hinted at', (yaml, env, expected) => {
  expect(hints(yaml, env)).toEqual(expected)
})

test.each(['', 'tier: redis\nredis: {host: a}\nshared: {lease: 3s}', 'tier: postgres\nredis: {enabled: false}'])(
  '%j is nothing to wonder about',
  (yaml) => {
    expect(hints(yaml)).toEqual([])
  },
)

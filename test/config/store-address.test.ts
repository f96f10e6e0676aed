import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { postgresAddress, redisAddress } from '../../src/config/store-address.ts'

describe('the address of a Redis', () => {
  test.each([
    ['redis://cache', { host: 'cache', tls: false }],
    ['redis://cache:6380/3', { host: 'cache', port: 6380, database: 3, tls: false }],
    ['rediss://ann:p%40ss@cache/', { host: 'cache', username: 'ann', password: 'p@ss', tls: true }],
    ['redis://:only-a-password@[::1]:6379', { host: '::1', port: 6379, password: 'only-a-password', tls: false }],
  ])('%s is read part by part', (text, address) => {
    expect(redisAddress(text)).toEqual(address)
  })

  test.each([
    '',
    'cache:6379',
    'http://cache',
    'redis://',
    'redis:///0',
    'redis://cache/first',
    'redis://a:%zz@cache',
    'redis://cache:port',
  ])('%j is none', (text) => {
    expect(redisAddress(text)).toBeUndefined()
  })
})

describe('the address of a Postgres', () => {
  test.each([
    ['postgres://db', { host: 'db', unread: [] }],
    [
      'postgresql://ann:p%2Fw@db:5433/studio?sslmode=verify-full&application_name=x&host=other',
      {
        host: 'other',
        port: 5433,
        user: 'ann',
        password: 'p/w',
        database: 'studio',
        sslmode: 'verify-full',
        unread: ['application_name'],
      },
    ],
    ['postgresql://%2Fvar%2Frun%2Fpostgresql/studio', { host: '/var/run/postgresql', database: 'studio', unread: [] }],
    ['postgresql:///studio', { database: 'studio', unread: [] }],
    ['postgresql://[::1]:5432', { host: '::1', port: 5432, unread: [] }],
  ])('%s is read part by part', (text, address) => {
    expect(postgresAddress(text)).toEqual(address)
  })

  test.each(['', 'db:5432/x', 'mysql://db', 'postgres://a:%zz@db', 'postgres://db?sslmode=prefer'])(
    '%j is none',
    (text) => {
      expect(postgresAddress(text)).toBeUndefined()
    },
  )
})

test('no text makes them throw: an error would carry the secret', () => {
  const texts = fc.oneof(fc.string(), fc.webUrl(), fc.stringMatching(/^(redis|postgres):\/\/[ -~]{0,40}$/))
  fc.assert(
    fc.property(texts, (text) => {
      redisAddress(text)
      postgresAddress(text)
    }),
  )
})

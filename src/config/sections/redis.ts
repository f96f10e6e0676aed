/** The Redis that processes share: the store and the log of the redis tier, the first level of the postgres tier. */
import { z } from 'zod'
import {
  choice,
  count,
  duration,
  optionalCount,
  optionalSecret,
  optionalText,
  text,
  toggle,
  words,
} from '../setting.ts'
import { redisAddress } from '../store-address.ts'
import { addressExample, addressPattern, portRange } from './addresses.ts'

export const redis = z.strictObject({
  enabled: toggle(true, 'With tier postgres: whether Redis is used before Postgres. The redis tier cannot do without.'),
  url: optionalSecret(
    'The whole address of a single Redis, user and password in it. What it says goes before host, port, username, password and database; rediss:// means TLS.',
    {
      env: ['REDIS_URL'],
      expects: 'an address such as redis://user:password@host:6379/0, or rediss:// for TLS',
      isValid: (address) => redisAddress(address) !== undefined,
    },
  ),
  host: text('127.0.0.1', 'The machine of a single Redis.', { env: ['REDIS_HOST'] }),
  port: count(6379, 'The port of that Redis.', { env: ['REDIS_PORT'], ...portRange }),
  username: optionalText('The user to log in as.', { env: ['REDIS_USERNAME'], whenUnset: 'the default user' }),
  password: optionalSecret('The password of that user.', { env: ['REDIS_PASSWORD'] }),
  database: count(0, 'The number of the database; a cluster has only 0.', { min: 0, max: 65535 }),
  tls: toggle(false, 'Whether to speak TLS. The certificate of the server is checked.'),
  ca_file: optionalText('A PEM file with the certificate authorities to trust instead of the built-in ones.', {
    expects: 'the path of a file',
  }),
  mode: choice(['single', 'sentinel', 'cluster'], 'single', 'Whether there is one Redis, or several that stand in.'),
  nodes: words(
    [],
    'With sentinel: the sentinels. With cluster: some of its nodes; the others are found through them.',
    {
      pattern: addressPattern,
      expects: `a list of addresses such as [${addressExample}]`,
      itemExpects: `an address such as "${addressExample}"`,
    },
  ),
  master_name: text('mymaster', 'What the sentinels call the master.'),
  sentinel_username: optionalText('The user to log in to the sentinels as.', { whenUnset: 'the default user' }),
  sentinel_password: optionalSecret('The password for the sentinels, if they ask for one.'),
  prefix: text('sgcache', 'What all keys begin with, before the name of the site, so that one Redis can be shared.', {
    pattern: /^[A-Za-z0-9_:.-]{1,128}$/,
    expects: 'up to 128 letters, digits, "_", "-", ":" and "."',
  }),
  deadline: duration('250ms', 'How long reading or storing one entry may take; ShotGrid is asked instead.', {
    min: '10ms',
    max: '10s',
  }),
  replicas: optionalCount('How many replicas must confirm that a process may go on answering from cache.', {
    min: 0,
    max: 10,
    whenUnset: '0 with mode single, 1 with sentinel and cluster',
  }),
  replica_lag: duration(
    '10s',
    'How long a master that has lost its replicas still accepts writes: the server’s own min-replicas-max-lag. It counts where replicas are.',
    { min: '1s', max: '5m' },
  ),
})

/** The database of the postgres tier: entries, the change log, and what people query. */
import { z } from 'zod'
import { choice, count, duration, optionalSecret, optionalText, text, toggle, words } from '../setting.ts'
import { postgresAddress } from '../store-address.ts'
import { addressPattern, portRange } from './addresses.ts'

/** A name that needs no quotes. */
const identifier = { pattern: /^[a-z_][a-z0-9_]{0,62}$/, expects: 'a name of small letters, digits and "_"' }
const replicaExample = 'standby:5432'

export const postgres = z.strictObject({
  url: optionalSecret(
    'The whole address of the database, user and password in it. What it says goes before host, port, database, user, password and (by sslmode) tls.',
    {
      env: ['DATABASE_URL'],
      expects:
        'an address such as postgresql://user:password@host:5432/database (sslmode in it: disable, require, verify-ca or verify-full)',
      isValid: (address) => postgresAddress(address) !== undefined,
    },
  ),
  host: text('127.0.0.1', 'The machine of the primary, or the folder of its Unix socket.', { env: ['POSTGRES_HOST'] }),
  port: count(5432, 'The port of the primary.', { env: ['POSTGRES_PORT'], ...portRange }),
  database: text('sgcache', 'The name of the database.', { env: ['POSTGRES_DB'] }),
  user: text('sgcache', 'The role to log in as; it owns the schema.', { env: ['POSTGRES_USER', 'PG_USER'] }),
  password: optionalSecret('The password of that role.', { env: ['POSTGRES_PASSWORD', 'PG_PASSWORD'] }),
  tls: choice(
    ['off', 'require', 'verify'],
    'off',
    'Whether to speak TLS: "require" does without checking the certificate of the server, "verify" checks it.',
  ),
  ca_file: optionalText('A PEM file with the certificate authorities to trust instead of the built-in ones.', {
    expects: 'the path of a file',
  }),
  schema: text('sgcache', 'The schema that all tables are in. sgcache makes and upgrades it.', identifier),
  connections: count(10, 'How many connections to the database one process may have.', { min: 2, max: 200 }),
  deadline: duration('500ms', 'How long reading or storing one entry may take; ShotGrid is asked instead.', {
    min: '10ms',
    max: '30s',
  }),
  replicas: words([], 'Read replicas. Entries are read from them, and nothing else is.', {
    pattern: addressPattern,
    expects: `a list of addresses such as [${replicaExample}]`,
    itemExpects: `an address such as "${replicaExample}"`,
  }),
  l1_ttl: duration('5m', 'How long an entry stays in Redis, before Postgres.', { min: '1s', max: '1d' }),
  retention: duration('90d', 'How long events and the history of changes are kept.', { min: '1d', max: '3650d' }),
  stats_retention: duration('400d', 'How long the figures by day are kept.', { min: '1d', max: '3650d' }),
  record_interval: duration('5s', 'How soon the tables that people query are current.', { min: '100ms', max: '5m' }),
  people: toggle(true, 'Whether the tables that people query are filled.'),
  analyst_role: optionalText('A role that may read those tables and nothing else; it must be there already.', {
    ...identifier,
    whenUnset: 'nobody else is granted anything',
  }),
})

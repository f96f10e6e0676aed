/** The site that is cached, and the script that asks it when a scope says nothing else. */
import { z } from 'zod'
import { choice, count, duration, optionalText, requiredText, secret, size, words } from '../setting.ts'

const webAddress = /^https?:\/\/[^\s/?#@]+\/?$/

const sees = ['everything', 'restricted'] as const
const seesHelp =
  'What this script may see. "everything" is your word that no permission rule hides rows or fields from it, and lets sgcache tell exactly which answers a change touches; with "restricted" any change of a type drops the answers of that type.'

/** Callers of the drop-in API bring their own credentials; each has answers of their own unless they are put here. */
const scriptsHelp =
  'Names of scripts that share these answers when they call with their own key through the drop-in API: your word that they may see the same.'

export const shotgrid = z.strictObject({
  url: requiredText('The address of your ShotGrid site.', {
    env: ['SG_URL'],
    flag: 'url',
    pattern: webAddress,
    // Cached answers are kept under the address, so it has one spelling.
    tidy: (address) => address.replace(/\/$/, '').toLowerCase(),
    expects: 'the address of a site, such as "https://studio.shotgrid.autodesk.com"',
  }),
  script: requiredText('The name of the script (API user) that sgcache asks with.', {
    env: ['SG_SCRIPT'],
    flag: 'script',
  }),
  key: secret('The application key of that script.', { env: ['SG_KEY'] }),
  sees: choice(sees, 'everything', seesHelp),
  scripts: words([], scriptsHelp, { expects: 'a list of script names' }),
  ca_file: optionalText('A PEM file with the certificate authorities to trust instead of the built-in ones.', {
    expects: 'the path of a file',
  }),
  proxy: optionalText('An outbound HTTP proxy.', {
    pattern: /^https?:\/\/[^\s/?#@]+\/?$/,
    expects: 'the address of a proxy without a password in it, such as "http://proxy:3128"',
  }),
  connections: count(
    20,
    'How many calls may be under way at ShotGrid at one time, of all processes that share a tier together; more wait in line. Uploads, downloads and what else goes through as it is have as many again.',
    {
      min: 1,
      max: 500,
    },
  ),
  connect_timeout: duration('10s', 'How long making a connection may take.', { min: '100ms', max: '5m' }),
  timeout: duration(
    '60s',
    'How long ShotGrid may be silent before a read counts as failed; writes of callers have events.longest_transaction.',
    {
      min: '1s',
      max: '30m',
    },
  ),
  retries: count(2, 'How often a failed read is tried again. Writes are never sent twice.', { min: 0, max: 10 }),
  retry_pause: duration('200ms', 'The pause before the first new try; it doubles with each.', {
    min: '10ms',
    max: '1m',
  }),
  max_reply: size('64MB', 'The largest reply that is read from ShotGrid.', { min: '64KB', max: '1GB' }),
  breaker_failures: count(5, 'After so many failed calls in a row, calls fail at once for a while.', {
    min: 1,
    max: 1000,
  }),
  breaker_pause: duration('5s', 'How long that while is, before one call is let through as a trial.', {
    min: '100ms',
    max: '10m',
  }),
})

/** One further view of the site: a script of its own, whose answers are never given to another scope. */
export const scope = z.strictObject({
  sees: choice(sees, 'restricted', seesHelp),
  script: requiredText('The name of the script that this scope asks with.'),
  key: secret('The application key of that script.'),
  scripts: words([], scriptsHelp, { expects: 'a list of script names' }),
})

/** Where callers reach sgcache, and who may. */
import { z } from 'zod'
import { count, duration, optionalChoice, optionalSecret, size, text, toggle, words } from '../setting.ts'

export const server = z.strictObject({
  host: text('127.0.0.1', 'The address to listen on. Any but this machine’s own needs auth.mode.', { flag: 'host' }),
  port: count(8000, 'The port to listen on; 0 takes a free one.', { flag: 'port', min: 0, max: 65535 }),
  body_limit: size('1MB', 'The largest request body that is read.', { min: '1KB', max: '100MB' }),
  max_rows: count(5000, 'The most rows that one page of a query may ask for.', { min: 1, max: 5000 }),
  request_timeout: duration('2m', 'How long answering one request may take.', { min: '1s', max: '1h' }),
  drain_timeout: duration('10s', 'How long requests under way may take to finish when the server is stopped.', {
    min: '0s',
    max: '10m',
  }),
  trust_proxy: words([], 'Addresses of proxies whose X-Forwarded-For is believed.', {
    expects: 'a list of addresses or networks, such as ["10.0.0.0/8"]',
  }),
})

export const listen = z.strictObject({
  host: text('127.0.0.1', 'The address at which `sgcache listen` tells its health and figures.'),
  port: count(8001, 'The port of it; 0 takes a free one.', { min: 0, max: 65535 }),
})

/** HS256 needs a key at least as long as its digest (RFC 7518, 3.2). */
const shortestKeyBytes = 32

export const auth = z.strictObject({
  mode: optionalChoice(
    ['jwt', 'none'],
    'How callers are known. "jwt": by a bearer token that `sgcache token` mints. "none": everybody who can reach the port may read everything; it must be said in words before sgcache listens beyond this machine.',
    { whenUnset: 'no check, and only 127.0.0.1 is listened on' },
  ),
  key: optionalSecret('The key that signs tokens (HS256), at least 32 bytes.', {
    env: ['SGCACHE_JWT_KEY'],
    minBytes: shortestKeyBytes,
  }),
  previous_key: optionalSecret('The key before, still accepted while keys are changed.', {
    env: ['SGCACHE_JWT_KEY_PREVIOUS'],
    minBytes: shortestKeyBytes,
  }),
  audience: text('sgcache', 'The `aud` that a token must carry.'),
  scope_claim: text('scope', 'The claim of a token that names the scope it may read.'),
})

export const metrics = z.strictObject({
  enabled: toggle(true, 'Whether GET /metrics answers (Prometheus text).'),
  open: toggle(true, 'Whether /metrics answers without a token when auth.mode is "jwt". It shows figures, no data.'),
})

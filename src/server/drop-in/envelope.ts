/**
 * Reads the envelope of a JSON-RPC call: `{"method_name": …, "params": [auth, args]}`.
 *
 * What cannot be read is nobody's fault here: `undefined` means that the site shall answer it. Members of `auth` that
 * begin with `sgcache_` are for us: they are the only headers that a Python client can send, through
 * `extra_auth_params`. They are taken out before anything goes on to the site.
 */
import { isUtf8 } from 'node:buffer'
import type { IncomingHttpHeaders } from 'node:http'
import type { AuthParams } from '../../shotgrid/wire.ts'

export interface CallEnvelope {
  readonly method: string
  /** Absent for `info` alone. */
  readonly auth?: AuthParams
  readonly args: unknown
  /** The bytes to forward: those that came, unless something of ours was in them. */
  readonly body: Buffer
  /** Wishes of the caller, spelled as headers. */
  readonly wishes: IncomingHttpHeaders
}

export function parseEnvelope(body: Buffer): CallEnvelope | undefined {
  const envelope = parseObject(body)
  if (!envelope) return undefined
  const { method_name: method, params } = envelope
  if (typeof method !== 'string' || !isParams(params)) return undefined
  const [auth, args] = params
  const { ours, theirs } = sortOut(auth ?? {})
  if (ours.length === 0) return { method, args, body, wishes: {}, ...(auth && { auth }) }
  const clean = { ...envelope, params: params.length > 1 ? [theirs, args] : [theirs] }
  const wishes = Object.fromEntries(ours.flatMap(([name, value]) => wishOf(name, value)))
  return { method, auth: theirs, args, body: Buffer.from(JSON.stringify(clean)), wishes }
}

/** Bytes that are no text would be read as other text than they are. */
function parseObject(body: Buffer): Readonly<Record<string, unknown>> | undefined {
  if (!isUtf8(body)) return undefined
  try {
    const value: unknown = JSON.parse(body.toString('utf8'))
    return isObject(value) ? value : undefined
  } catch {
    return undefined // the site shall say what is wrong with it
  }
}

function isParams(params: unknown): params is [] | [AuthParams] | [AuthParams, unknown] {
  if (!Array.isArray(params) || params.length > 2) return false
  return params.length === 0 || isObject(params[0])
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function sortOut(auth: AuthParams): { readonly ours: readonly [string, unknown][]; readonly theirs: AuthParams } {
  const members = Object.entries(auth)
  const ours = members.filter(([name]) => name.startsWith('sgcache_'))
  return { ours, theirs: Object.fromEntries(members.filter(([name]) => !name.startsWith('sgcache_'))) }
}

function wishOf(name: string, value: unknown): [string, string][] {
  const header = headers[name]
  return header === undefined ? [] : [[header, String(value)]]
}

const headers: Readonly<Record<string, string>> = {
  sgcache_cache_control: 'cache-control',
  sgcache_min_seq: 'x-sgcache-min-seq',
}

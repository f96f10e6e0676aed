/**
 * Replies that we make ourselves, in the place of the site's, so that the Python client raises an exception its users
 * know and never sends a write again.
 *
 * - A *fault* is what the site answers when it refuses: HTTP 200, raised as `Fault` with the message.
 * - 503 is what the site answers when it is down: raised as `ProtocolError`, not retried.
 * - 500 is for a write of unknown outcome: raised as `ProtocolError` with the reason phrase, not retried. Never 502 or
 *   504, and never a connection closed without an answer: the client would send the write again.
 */
import { type ErrorCode, SgcacheError } from '../../errors.ts'
import type { TransportReply } from '../../shotgrid/transport.ts'
import { faultCode } from '../../shotgrid/wire.ts'

/** A reply of the site, or one in its place. */
export interface Reply extends TransportReply {
  /** The reason phrase, which the client puts into its exception. */
  readonly reason?: string
}

export function faultReply(message: string, code: number = faultCode.unexpected): Reply {
  return jsonReply(200, { exception: true, message, error_code: code })
}

export function unreachableReply(error: SgcacheError): Reply {
  return { ...jsonReply(503, { exception: true, message: error.message, error_code: faultCode.unexpected }) }
}

/** The write may have been applied or not. */
export function unknownOutcomeReply(reason: string): Reply {
  const phrase = 'sgcache: outcome of the write unknown'
  const message =
    `The connection to ShotGrid failed after the write was sent (${reason}). ` +
    'It may have been applied or not: look before you send it again.'
  return { ...jsonReply(500, { exception: true, message, error_code: faultCode.unexpected }), reason: phrase }
}

/** What an error of the read path is to the client. */
export function replyToError(error: unknown): Reply {
  if (!(error instanceof SgcacheError))
    return faultReply('Something went wrong in sgcache itself; its log has the details.')
  if (error.code === 'UPSTREAM_UNREACHABLE') return unreachableReply(error)
  if (error.code !== 'UPSTREAM_FAULT') return faultReply(`sgcache: ${error.message}`)
  const { fault, faultCode: code } = error.details
  return faultReply(String(fault), typeof code === 'number' ? code : faultCode.unexpected)
}

/** Why there is no answer, in a word, for `Cache-Status`. */
export function detailOf(error: unknown): string {
  const code = error instanceof SgcacheError ? error.code : undefined
  return (code !== undefined && details[code]) || 'error'
}

const details: { readonly [code in ErrorCode]?: string } = {
  UPSTREAM_FAULT: 'fault',
  UPSTREAM_UNREACHABLE: 'unreachable',
  NOT_CACHED: 'only-if-cached',
  INVALID_REQUEST: 'invalid request',
}

function jsonReply(status: number, body: unknown): Reply {
  return { status, headers: { 'content-type': jsonType }, body: Buffer.from(JSON.stringify(body)) }
}

export const jsonType = 'application/json; charset=utf-8'

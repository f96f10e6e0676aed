/**
 * What an error means: is the server away, and can the connection be used again?
 *
 * Errors of the server carry a severity and an SQLSTATE of five characters. Those of the network carry whatever they
 * like, so they are known by where they come from, not by how they look.
 */
import { SgcacheError } from '../../errors.ts'

/** The server is there, but is shutting down, starting, full, or refuses who we are: as good as away. */
const away = /^(08...|28...|3D000|53300|57P0[1-5])$/
/** Nothing can be written here: a standby, or a primary that has become one. */
const notPrimary = /^(25006|55000)$/
/** The server has given up by itself after the time that it was given. */
const timedOut = /^(57014|55P03)$/

/** The SQLSTATE, if the error is the server's. */
export function stateOf(error: unknown): string | undefined {
  const code = codeOf(error)
  return code !== undefined && error instanceof Error && 'severity' in error ? code : undefined
}

/** For people. A list of errors (one for each address of a name) has no message of its own. */
export function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return reasonOf(error.errors[0])
  return (error instanceof Error && error.message) || codeOf(error) || 'no reason given'
}

export const meansAway = (error: unknown): boolean => away.test(stateOf(error) ?? '')

export const meansTimedOut = (error: unknown): boolean => timedOut.test(stateOf(error) ?? '')

/** Whether the connection must not be used again: it is lost, still busy, or another one may do better. */
export function spoilsConnection(error: unknown): boolean {
  if (error instanceof SgcacheError) return error.code === 'BACKEND_UNREACHABLE' || error.code === 'BACKEND_TIMEOUT'
  return meansAway(error) || notPrimary.test(stateOf(error) ?? '')
}

function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined
  return typeof error.code === 'string' ? error.code : undefined
}

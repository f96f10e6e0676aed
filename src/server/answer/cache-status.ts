/** `Cache-Status` (RFC 9211): what every reply says of where it comes from, and why. A fresh hit has its own in `ReadyHeaders`. */
import type { Answer } from '../../cache/answer.ts'
import { wholeSeconds } from './ready-headers.ts'

/** Of an answer that is no fresh hit. `isStored`: the next one will be. */
export function cacheStatus({ outcome, detail, entry, collapsed }: Answer, now: number, isStored: boolean): string {
  if (outcome === 'stale' || outcome === 'hit') {
    const ttl = Math.min(0, wholeSeconds(entry.freshUntil - now))
    return `sgcache; hit; ttl=${ttl}; detail=${quoted(detail)}`
  }
  const why = outcome === 'bypass' ? bypass(detail) : `sgcache; fwd=${detail}`
  return `${why}${isStored ? '; stored' : ''}${collapsed ? '; collapsed' : ''}`
}

/** Of what goes to the site whatever is cached. */
export function bypass(detail: string): string {
  return `sgcache; fwd=bypass; detail=${quoted(detail)}`
}

/** A string of a structured field (RFC 8941): printable ASCII, quotes escaped. */
function quoted(text: string): string {
  return `"${text.replace(/[^\x20-\x7e]/g, '?').replace(/["\\]/g, '\\$&')}"`
}

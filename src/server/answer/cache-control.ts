/** What a caller may ask of the cache with one request: `Cache-Control` (RFC 9111, 5.2.1) and `X-SGCache-Min-Seq`. */
import type { IncomingHttpHeaders } from 'node:http'
import type { ReadHints } from '../../cache/cache.ts'
import { problem } from '../query/request-problem.ts'

/** Whether a request asks for something of its own, so that no finished answer will do without looking closer. */
export function asksForMore(headers: IncomingHttpHeaders): boolean {
  return (
    headers['cache-control'] !== undefined || headers['x-sgcache-min-seq'] !== undefined || headers.pragma !== undefined
  )
}

/** Directives that are not ours are for other caches on the way and are left alone. */
export function hintsOf(headers: IncomingHttpHeaders): ReadHints {
  const directives = directivesOf(headers['cache-control'] ?? headers.pragma)
  const maxAge = directives.get('max-age')
  const minSeq = headers['x-sgcache-min-seq']
  return {
    ...((directives.has('no-cache') || directives.has('no-store')) && { noCache: true }),
    ...(maxAge !== undefined && { maxAgeMs: wholeNumber(maxAge, 'Cache-Control: max-age') * 1000 }),
    ...(directives.has('only-if-cached') && { onlyIfCached: true }),
    ...(minSeq !== undefined && { minSeq: wholeNumber(String(minSeq), 'X-SGCache-Min-Seq') }),
  }
}

function directivesOf(header: string | undefined): ReadonlyMap<string, string> {
  const parts = (header ?? '').split(',').map((part) => part.trim().split('='))
  return new Map(parts.map(([name = '', value = '']) => [name.toLowerCase(), value.replace(/^"(.*)"$/, '$1')]))
}

function wholeNumber(text: string, where: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text)
  throw problem(where, `${JSON.stringify(text.slice(0, 40))} is not a whole number`)
}

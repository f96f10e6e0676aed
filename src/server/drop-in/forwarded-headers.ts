/** Headers on their way through us: those that belong to one connection stay behind (RFC 9110, 7.6.1). */
import type { IncomingHttpHeaders } from 'node:http'

type Headers = Readonly<Record<string, string | string[] | undefined>>

const hopByHop = new Set(
  ['connection', 'keep-alive', 'proxy-authenticate', 'proxy-authorization', 'proxy-connection', 'te', 'trailer'].concat(
    ['transfer-encoding', 'upgrade', 'expect', 'http2-settings'],
  ),
)

/** To the site. The host is the site's own; hints to us stay here. */
export function requestHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  const left = leftBehind(headers)
  const kept = Object.entries(headers).filter(
    ([name, value]) => value !== undefined && name !== 'host' && !name.startsWith('x-sgcache-') && !left.has(name),
  )
  return Object.fromEntries(kept.map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value!]))
}

/** The same for a call whose body we send whole and whose reply we read: length and encoding are ours. */
export function callHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  const { 'content-length': _, 'accept-encoding': __, ...rest } = requestHeaders(headers)
  return rest
}

/** To the caller. `origin` is ours: redirects within the site stay with us. */
export function replyHeaders(headers: Headers, site: string, origin: string | undefined): Headers {
  const left = leftBehind(headers)
  const kept = Object.entries(headers).filter(([name]) => !left.has(name))
  const location = headers.location?.toString()
  return { ...Object.fromEntries(kept), ...(location !== undefined && { location: moved(location, site, origin) }) }
}

function leftBehind(headers: Headers): ReadonlySet<string> {
  const named = String(headers.connection ?? '')
    .toLowerCase()
    .split(',')
  return new Set([...hopByHop, ...named.map((name) => name.trim())])
}

function moved(location: string, site: string, origin: string | undefined): string {
  if (origin === undefined) return location
  const isOfSite =
    location.toLowerCase().startsWith(site.toLowerCase()) && /^([/?#]|$)/.test(location.slice(site.length))
  return isOfSite ? origin + location.slice(site.length) : location
}

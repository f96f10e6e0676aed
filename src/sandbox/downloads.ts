/**
 * Downloads: files by attachment id. A signed address needs nothing more and ends with its signature's time; without
 * one, the session's cookie is needed.
 */
import type { IncomingMessage } from 'node:http'
import type { TransportReply } from '../shotgrid/transport.ts'
import { jsonReply } from './exchange.ts'
import { SiteFault } from './fault.ts'
import { fileOf } from './files.ts'
import { liveRow } from './row.ts'
import type { Site } from './site.ts'

/** A grey picture of one pixel, for thumbnails that the studio was built with. */
const pixel = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGOoBwAAgQCBFNpnSQAAAABJRU5ErkJggg==',
  'base64',
)

export function download(site: Site, request: IncomingMessage): TransportReply {
  const url = new URL(request.url ?? '/', 'http://site')
  const [, kind, number] = /^\/file_serve\/(attachment|thumbnail)\/(\d+)$/.exec(url.pathname) ?? []
  if (!kind) return jsonReply(404, { message: 'There is no such file.' })
  const signed = url.searchParams.get('expires')
  if (signed !== null && Number(signed) * 1000 < site.world.clock.now())
    return jsonReply(403, { message: 'Request has expired' })
  if (signed === null && !hasSession(site, request)) return jsonReply(403, { message: 'Log in first.' })
  const id = Number(number)
  const bytes = site.world.uploads.get(id)
  const attachment = liveRow(site.world.store, { type: 'Attachment', id })
  const file = attachment && fileOf(attachment)
  if (bytes) return fileReply(bytes, file?.kind === 'upload' ? file.contentType : null)
  if (kind === 'thumbnail') return fileReply(pixel, 'image/png')
  return jsonReply(404, { message: 'There is no such file.' })
}

function fileReply(body: Buffer, contentType: string | null): TransportReply {
  return { status: 200, headers: { 'content-type': contentType ?? 'application/octet-stream' }, body }
}

function hasSession(site: Site, request: IncomingMessage): boolean {
  const token = /(?:^|;\s*)_session_id=([^;]+)/.exec(String(request.headers.cookie ?? ''))?.[1]
  try {
    site.caller({ method_name: 'download', params: [{ session_token: token }] })
    return true
  } catch (error) {
    if (error instanceof SiteFault) return false
    throw error
  }
}

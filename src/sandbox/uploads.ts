/**
 * Uploads: thumbnails and files sent to the site itself. Answers are text: `1:<attachment id>`, or `0` and a reason.
 *
 * A picture first shows as being processed and then as itself, with an event for each. A movie is transcoded some time
 * later, which writes to its Version by itself.
 */
import { extname } from 'node:path'
import type { TransportReply } from '../shotgrid/transport.ts'
import { newAttachment } from './attachments.ts'
import { emitAttribute } from './events.ts'
import { noSuchRow, refused, SiteFault } from './fault.ts'
import { writeField } from './field-write.ts'
import { type Form, parseForm, type UploadedFile } from './form.ts'
import { liveRow, type StoredRow } from './row.ts'
import type { Site } from './site.ts'
import { noteUpdate, touch } from './touch.ts'
import type { Writing } from './writing.ts'

export function upload(site: Site, path: string, contentType: string, body: Buffer): TransportReply {
  const form = parseForm(contentType, body)
  try {
    const caller = site.caller({ method_name: path, params: [form.fields] })
    return text(`1:${site.transact(caller, (writing) => stored(site, writing, path, form))}\n`)
  } catch (error) {
    if (error instanceof SiteFault) return text(`0\n${error.message}\n`)
    throw error
  }
}

function text(body: string): TransportReply {
  return { status: 200, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: Buffer.from(body) }
}

/** The id of the attachment made. */
function stored(site: Site, writing: Writing, path: string, { fields, file }: Form): number {
  if (path === '/upload/share_thumbnail') return share(site, writing, fields)
  const row = target(writing, fields.entity_type, fields.entity_id)
  if (!file) throw refused(`${path}: the form holds no file.`)
  if (path === '/upload/publish_thumbnail') {
    const name = fields.filmstrip === 'true' || fields.filmstrip === 'True' ? 'filmstrip_image' : 'image'
    return keep(site, writing, row, name, file)
  }
  if (path !== '/upload/upload_file') throw refused(`This site has no ${path}.`)
  return attach(site, writing, row, fields, file)
}

function target(writing: Writing, type: string | undefined, id: string | undefined): StoredRow {
  const row = liveRow(writing.tx.view, { type, id: Number(id) })
  if (!row || !writing.reading.sight.seesRow(row)) throw noSuchRow(String(type), id)
  return row
}

function keep(site: Site, writing: Writing, row: StoredRow, field: string, file: UploadedFile): number {
  const id = fileRow(writing, row, file)
  setPicture(site, writing, row, field, id)
  return id
}

function fileRow(writing: Writing, row: StoredRow, file: UploadedFile, more: object = {}): number {
  const about = { kind: 'upload', name: file.name, contentType: file.contentType } as const
  const project = row.type === 'Project' ? { type: 'Project', id: row.id } : (row.values.project ?? null)
  const { id } = newAttachment(writing, about, project, { file_size: file.bytes.length, ...more })
  writing.tx.onCommit(() => writing.world.uploads.set(id, file.bytes))
  return id
}

const pending = '/images/status/transient/thumbnail_pending.png'

/** Two events: the picture is on its way, the picture is there. In between the row shows a placeholder. */
function setPicture(site: Site, writing: Writing, row: StoredRow, name: string, picture: number): void {
  const { world } = writing
  const { thumbnailMs } = world.switches
  showPicture(writing, row, name, { picture, shows: thumbnailMs > 0 ? pending : picture, isTransient: true })
  const finish = (last: Writing) => showPicture(last, row, name, { picture, shows: picture, isTransient: false })
  if (thumbnailMs <= 0) finish(writing)
  else later(site, writing, thumbnailMs, finish)
}

interface Shown {
  readonly picture: number
  readonly shows: number | string
  readonly isTransient: boolean
}

function showPicture(writing: Writing, ref: StoredRow, name: string, { picture, shows, isTransient }: Shown): void {
  const row = liveRow(writing.tx.view, ref)
  const field = writing.world.schema.field(ref.type, name)
  if (field?.dataType !== 'image') throw refused(`${ref.type}.${name} is not an image.`)
  if (!row) return
  const details = { old_value: row.values[name] ?? null, new_value: picture, is_transient: isTransient }
  emitAttribute(writing, { row, field, inCreate: false }, details)
  writing.tx.put({ ...row, values: { ...row.values, [name]: shows } })
  noteUpdate(writing, row, name)
  touch(writing, row)
}

/** Done by the site itself, some time after the upload, in a transaction of its own. */
function later(site: Site, { world, tx, caller }: Writing, ms: number, work: (writing: Writing) => void): void {
  tx.onCommit(() => {
    void world.clock.sleep(ms).then(() => site.transact(caller, (fresh) => work({ ...fresh, consequence: true })))
  })
}

/** One picture for several rows: `entities=Version_1,Version_2`, `source_entity=Version_9`. */
function share(site: Site, writing: Writing, fields: Form['fields']): number {
  const entity = (text: string) => target(writing, ...(text.split('_') as [string, string])) // Type_id
  const name = fields.filmstrip_thumbnail === '1' ? 'filmstrip_image' : 'image'
  const picture = entity(fields.source_entity ?? '').values[name]
  if (typeof picture !== 'number') throw refused('The source has no thumbnail.')
  for (const text of (fields.entities ?? '').split(',')) setPicture(site, writing, entity(text), name, picture)
  return picture
}

function attach(site: Site, writing: Writing, row: StoredRow, fields: Form['fields'], file: UploadedFile): number {
  const given = fields.field_name || undefined
  const field = given ? writing.world.schema.field(row.type, given) : undefined
  if (given && !field) throw refused(`${row.type}.${given} doesn't exist.`)
  const named = { ...file, name: fields.display_name || file.name }
  if (!field) return fileRow(writing, row, named, { attachment_links: [{ type: row.type, id: row.id }] })
  const id = fileRow(writing, row, named)
  const attachment = { type: 'Attachment', id }
  const value = field.dataType === 'url' ? attachment : [attachment]
  if (writeField(writing, { row, field, value, mode: 'add' })) touch(writing, row)
  if (row.type === 'Version' && given === 'sg_uploaded_movie') transcodeLater(site, writing, row, named)
  return id
}

const movies = new Set(['.mov', '.mp4', '.webm', '.avi', '.mxf'])

/** The site's own service writes what it has made of the movie. */
function transcodeLater(site: Site, writing: Writing, row: StoredRow, file: UploadedFile): void {
  if (!movies.has(extname(file.name).toLowerCase())) return
  later(site, writing, writing.world.switches.transcodingMs, (last) => {
    const silent = last.silent || !last.world.switches.transcodingEvents
    const version = liveRow(last.tx.view, row)
    if (version) transcode(site, { ...last, silent }, version, file)
  })
}

function transcode(site: Site, writing: Writing, version: StoredRow, file: UploadedFile): void {
  const { schema } = writing.world
  const stem = file.name.slice(0, -extname(file.name).length)
  for (const kind of ['mp4', 'webm']) {
    const made = { name: `${stem}.${kind}`, contentType: `video/${kind}`, bytes: file.bytes }
    const value = { type: 'Attachment', id: fileRow(writing, version, made) }
    writeField(writing, { row: version, field: schema.field('Version', `sg_uploaded_movie_${kind}`)!, value })
  }
  writeField(writing, { row: version, field: schema.field('Version', 'sg_uploaded_movie_frame_rate')!, value: 24 })
  keep(site, writing, version, 'image', { ...file, name: `${stem}.jpg`, contentType: 'image/jpeg' })
}

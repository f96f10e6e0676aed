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
  if (path === '/upload/share_thumbnail') return share(writing, fields)
  const row = target(writing, fields.entity_type, fields.entity_id)
  if (!file) throw refused(`${path}: the form holds no file.`)
  if (path === '/upload/publish_thumbnail') {
    const name = fields.filmstrip === 'true' || fields.filmstrip === 'True' ? 'filmstrip_image' : 'image'
    return keep(writing, row, name, file)
  }
  if (path !== '/upload/upload_file') throw refused(`This site has no ${path}.`)
  return attach(site, writing, row, fields, file)
}

function target(writing: Writing, type: string | undefined, id: string | undefined): StoredRow {
  const row = liveRow(writing.tx.view, { type, id: Number(id) })
  if (!row || !writing.reading.sight.seesRow(row)) throw noSuchRow(String(type), id)
  return row
}

function keep(writing: Writing, row: StoredRow, field: string, file: UploadedFile): number {
  const id = fileRow(writing, row, file)
  setPicture(writing, row, field, id)
  return id
}

function fileRow(writing: Writing, row: StoredRow, file: UploadedFile, more: object = {}): number {
  const about = { kind: 'upload', name: file.name, contentType: file.contentType } as const
  const project = row.type === 'Project' ? { type: 'Project', id: row.id } : (row.values.project ?? null)
  const { id } = newAttachment(writing, about, project, { file_size: file.bytes.length, ...more })
  writing.tx.onCommit(() => writing.world.uploads.set(id, file.bytes))
  return id
}

/** Two events: the picture is on its way, the picture is there. */
function setPicture(writing: Writing, row: StoredRow, name: string, picture: number): void {
  const field = writing.world.schema.field(row.type, name)
  if (field?.dataType !== 'image') throw refused(`${row.type}.${name} is not an image.`)
  const before = row.values[name] ?? null
  for (const transient of [true, false]) {
    const details = { old_value: before, new_value: picture, is_transient: transient }
    emitAttribute(writing, { row, field, inCreate: false }, details)
  }
  const now = writing.tx.view.get(row.type, row.id)!
  writing.tx.put({ ...now, values: { ...now.values, [name]: picture } })
  noteUpdate(writing, row, name)
  touch(writing, row)
}

/** One picture for several rows: `entities=Version_1,Version_2`, `source_entity=Version_9`. */
function share(writing: Writing, fields: Form['fields']): number {
  const entity = (text: string) => target(writing, ...(text.split('_') as [string, string])) // Type_id
  const name = fields.filmstrip_thumbnail === '1' ? 'filmstrip_image' : 'image'
  const picture = entity(fields.source_entity ?? '').values[name]
  if (typeof picture !== 'number') throw refused('The source has no thumbnail.')
  for (const text of (fields.entities ?? '').split(',')) setPicture(writing, entity(text), name, picture)
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

/** The site's own service writes what it has made of the movie, some time after the upload. */
function transcodeLater(site: Site, writing: Writing, row: StoredRow, file: UploadedFile): void {
  if (!movies.has(extname(file.name).toLowerCase())) return
  const { world } = writing
  writing.tx.onCommit(() => {
    void world.clock.sleep(world.switches.transcodingMs).then(() => transcode(site, writing, row, file))
  })
}

function transcode(site: Site, before: Writing, row: StoredRow, file: UploadedFile): void {
  site.transact(before.caller, (fresh) => {
    const version = liveRow(fresh.tx.view, row)
    if (!version) return
    const writing = { ...fresh, consequence: true, silent: fresh.silent || !fresh.world.switches.transcodingEvents }
    const stem = file.name.slice(0, -extname(file.name).length)
    for (const kind of ['mp4', 'webm']) {
      const field = writing.world.schema.field('Version', `sg_uploaded_movie_${kind}`)!
      const made = { name: `${stem}.${kind}`, contentType: `video/${kind}`, bytes: file.bytes }
      writeField(writing, { row, field, value: { type: 'Attachment', id: fileRow(writing, version, made) } })
    }
    const rate = writing.world.schema.field('Version', 'sg_uploaded_movie_frame_rate')!
    writeField(writing, { row, field: rate, value: 24 })
    keep(writing, liveRow(writing.tx.view, row)!, 'image', { ...file, name: `${stem}.jpg`, contentType: 'image/jpeg' })
  })
}

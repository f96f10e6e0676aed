/**
 * Values of `url` fields: a link to an Attachment row, which says whether the file was uploaded, stands somewhere on
 * the web, or lies on a disk under a LocalStorage. Local paths are worked out from the storage's roots on each read.
 */
import { displayName } from './display-name.ts'
import type { Reading } from './reading.ts'
import { liveRow, type StoredRow } from './row.ts'

/** What an Attachment row knows of its file, kept among its values under `file`. */
export type StoredFile =
  | { readonly kind: 'upload'; readonly name: string; readonly contentType: string | null }
  | { readonly kind: 'web'; readonly name: string; readonly url: string }
  | { readonly kind: 'local'; readonly name: string; readonly storageId: number; readonly relativePath: string }

export function fileValue(reading: Reading, value: unknown): unknown {
  const attachment = liveRow(reading.view, value)
  return attachment ? wireFile(reading, attachment) : null
}

export function fileOf(attachment: StoredRow): StoredFile | undefined {
  return attachment.values.file as StoredFile | undefined // only `newAttachment` writes it
}

function wireFile(reading: Reading, attachment: StoredRow): unknown {
  const file = fileOf(attachment)
  if (!file) return null
  const common = { type: 'Attachment', id: attachment.id, link_type: file.kind, name: file.name }
  if (file.kind === 'upload') {
    const url = reading.sign(`/file_serve/attachment/${attachment.id}`)
    return { ...common, content_type: file.contentType, url }
  }
  if (file.kind === 'web') return { ...common, content_type: null, url: file.url }
  const storage = liveRow(reading.view, { type: 'LocalStorage', id: file.storageId })
  return {
    ...common,
    content_type: null,
    local_storage: storage ? { type: 'LocalStorage', id: storage.id, name: displayName(storage) } : null,
    relative_path: file.relativePath,
    local_path_linux: localPath(storage, 'linux_path', file.relativePath),
    local_path_mac: localPath(storage, 'mac_path', file.relativePath),
    local_path_windows: localPath(storage, 'windows_path', file.relativePath),
  }
}

function localPath(storage: StoredRow | undefined, root: string, relativePath: string): string | null {
  const base = storage?.values[root]
  if (typeof base !== 'string') return null
  return root === 'windows_path' ? `${base}\\${relativePath.replaceAll('/', '\\')}` : `${base}/${relativePath}`
}

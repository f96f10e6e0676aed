/**
 * Attachment rows: each value of a `url` field is one, made when the field is written or a file is uploaded.
 */
import { refused } from './fault.ts'
import type { StoredFile } from './files.ts'
import { insertRow } from './insert.ts'
import type { Ref } from './row.ts'
import type { Writing } from './writing.ts'

/** The row for a value such as `{"url": …}`, `{"local_path": …}` or `{"relative_path": …, "local_storage": …}`. */
export function attachmentFor(writing: Writing, value: object, project: unknown): Ref {
  return newAttachment(writing, fileFrom(writing, value), project)
}

export function newAttachment(writing: Writing, file: StoredFile, project: unknown, more: object = {}): Ref {
  const ref = insertRow(writing, 'Attachment', { filename: file.name, display_name: file.name, project, file, ...more })
  const row = writing.tx.view.get(ref.type, ref.id)!
  writing.tx.put({ ...row, values: { ...row.values, this_file: ref } })
  return ref
}

function fileFrom(writing: Writing, value: object): StoredFile {
  const {
    url,
    name,
    local_path: localPath,
    relative_path: relativePath,
    local_storage: storage,
  } = value as Readonly<Record<string, unknown>>
  if (typeof url === 'string') return { kind: 'web', name: typeof name === 'string' ? name : url, url }
  if (typeof localPath === 'string') return localFile(writing, localPath, name)
  const storageId = (storage as Partial<Ref> | undefined)?.id
  if (typeof relativePath === 'string' && typeof storageId === 'number') {
    return { kind: 'local', name: fileName(relativePath, name), storageId, relativePath }
  }
  throw refused(`API update() cannot make a file of ${JSON.stringify(value)}: give url, local_path or relative_path.`)
}

const roots = ['linux_path', 'mac_path', 'windows_path'] as const

/** The storage whose root the path begins with. */
function localFile(writing: Writing, path: string, name: unknown): StoredFile {
  const { view } = writing.tx
  const unix = path.replaceAll('\\', '/')
  for (const id of view.ids('LocalStorage')) {
    const storage = view.get('LocalStorage', id)
    if (!storage || storage.retired) continue
    for (const root of roots) {
      const base = storage.values[root]
      const prefix = typeof base === 'string' ? `${base.replaceAll('\\', '/')}/` : undefined
      if (prefix && unix.startsWith(prefix)) {
        const relativePath = unix.slice(prefix.length)
        return { kind: 'local', name: fileName(relativePath, name), storageId: id, relativePath }
      }
    }
  }
  throw refused(`The path ${path} is under no local storage of this site.`)
}

function fileName(path: string, name: unknown): string {
  return typeof name === 'string' ? name : path.slice(path.lastIndexOf('/') + 1)
}

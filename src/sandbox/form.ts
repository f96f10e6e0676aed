/** Form posts, as the client's uploads make them: urlencoded, or multipart when they carry a file. */

export interface Form {
  readonly fields: Readonly<Record<string, string>>
  readonly file?: UploadedFile
}

export interface UploadedFile {
  readonly name: string
  readonly contentType: string | null
  readonly bytes: Buffer
}

export function parseForm(contentType: string, body: Buffer): Form {
  const boundary = /^multipart\/form-data;.*boundary="?([^";]+)"?/i.exec(contentType)?.[1]
  if (!boundary) return { fields: Object.fromEntries(new URLSearchParams(body.toString('utf8'))) }
  const fields: Record<string, string> = {}
  let file: UploadedFile | undefined
  for (const part of partsOf(body, boundary)) {
    const { name, fileName } = disposition(part.head)
    if (fileName === undefined) fields[name] = part.bytes.toString('utf8')
    else
      file = {
        name: fileName,
        contentType: /content-type: *([^\r\n]+)/i.exec(part.head)?.[1] ?? null,
        bytes: part.bytes,
      }
  }
  return { fields, ...(file && { file }) }
}

function* partsOf(body: Buffer, boundary: string): Iterable<{ readonly head: string; readonly bytes: Buffer }> {
  const mark = Buffer.from(`--${boundary}`)
  let start = body.indexOf(mark)
  while (start >= 0) {
    const end = body.indexOf(mark, start + mark.length)
    if (end < 0) return
    // Between two marks: CRLF, head, an empty line, bytes, CRLF.
    const part = body.subarray(start + mark.length + 2, end - 2)
    const split = part.indexOf('\r\n\r\n')
    if (split >= 0) yield { head: part.subarray(0, split).toString('utf8'), bytes: part.subarray(split + 4) }
    start = end
  }
}

function disposition(head: string): { readonly name: string; readonly fileName: string | undefined } {
  return { name: /\bname="([^"]*)"/i.exec(head)?.[1] ?? '', fileName: /\bfilename="([^"]*)"/i.exec(head)?.[1] }
}

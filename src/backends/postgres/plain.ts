/**
 * Text and JSON as Postgres takes them: without NUL, and without half a surrogate pair, which neither `text` nor
 * `jsonb` can hold. A stray half becomes U+FFFD, a NUL is left out.
 *
 * Cost: one search of the text when there is nothing to do.
 */

export function plainText(text: string): string {
  return text.replaceAll('\0', '').replace(/\p{Surrogate}/gu, '\ufffd')
}

/** The JSON text of a value; `undefined` is `null`. */
export function plainJson(value: unknown): string {
  const text = JSON.stringify(value) ?? 'null'
  // JSON.stringify escapes what concerns us. A backslash before the `u` is a false alarm and costs a second pass.
  return /\\u(0000|d[89a-f])/.test(text) ? JSON.stringify(plain(value)) : text
}

function plain(value: unknown): unknown {
  if (typeof value === 'string') return plainText(value)
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [plainText(key), plain(member)]))
}

/**
 * When the signed addresses in a reply end. Pictures and files stand under addresses that a storage has signed for some
 * minutes; nothing tells when they end but the addresses themselves.
 *
 * Known are the ways in which Amazon's storage writes it: a date and a number of seconds, or the second itself.
 */

/** The earliest end of all of them, wall time in ms; `undefined` if none tells its own. */
export function signaturesEndAt(body: Buffer): number | undefined {
  if (!body.includes('xpires=')) return undefined
  const text = body.toString('latin1')
  const ends = [...datedEnds(text), ...plainEnds(text)].filter((end) => Number.isFinite(end))
  return ends.length === 0 ? undefined : ends.reduce((first, end) => Math.min(first, end))
}

/** The parameters of an address may stand in any order. */
function* datedEnds(text: string): Generator<number> {
  const name = 'X-Amz-Expires='
  for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + name.length)) {
    const end = text.indexOf('"', at)
    const address = text.slice(text.lastIndexOf('"', at) + 1, end < 0 ? undefined : end)
    const [, ...date] = /X-Amz-Date=(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z/.exec(address) ?? []
    const [year, month, day, hour, minute, second] = date
    const signedAt = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
    yield signedAt + Number(/^\d+/.exec(text.slice(at + name.length, at + name.length + 9))?.[0]) * 1000
  }
}

/** `&` may be written in JSON's own way. */
function* plainEnds(text: string): Generator<number> {
  for (const [, second] of text.matchAll(/(?:[?&;]|\\u0026)expires=(\d{9,11})(?!\d)/gi)) yield Number(second) * 1000
}

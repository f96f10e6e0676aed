/**
 * "Did you mean": the nearest of the words that would have been right.
 *
 * Nearness is the Damerau-Levenshtein distance (insert, delete, replace, swap two neighbours), without regard to case.
 * Only a word that is really near is offered: about one difference for every three letters, at least one.
 *
 * Cost: candidates x length², only ever paid on the way to an error message. Very long values are not compared.
 */
const longestCompared = 80

/** The nearest candidate, or `undefined` when none is near. Among equals the first one wins. */
export function suggest(value: string, candidates: Iterable<string>): string | undefined {
  if (value.length === 0 || value.length > longestCompared) return undefined
  const wanted = value.toLowerCase()
  let nearest: string | undefined
  let nearestDistance = Math.max(1, Math.floor(value.length / 3)) + 1
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - value.length) >= nearestDistance) continue
    const distance = distanceOf(wanted, candidate.toLowerCase())
    if (distance < nearestDistance) [nearest, nearestDistance] = [candidate, distance]
  }
  return nearest
}

/** ` (did you mean "Shot"?)` with its leading space, or nothing: the `{suggestion}` of the error catalogue. */
export function didYouMean(value: string, candidates: Iterable<string>): string {
  const nearest = suggest(value, candidates)
  return nearest === undefined ? '' : ` (did you mean "${nearest}"?)`
}

/** Three rows of the usual table: a swap looks back two rows. */
function distanceOf(a: string, b: string): number {
  let older: number[] = []
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row]
    for (let column = 1; column <= b.length; column += 1) {
      const isSame = a[row - 1] === b[column - 1]
      let least = Math.min(previous[column]! + 1, current[column - 1]! + 1, previous[column - 1]! + (isSame ? 0 : 1))
      const isSwap = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]
      if (isSwap) least = Math.min(least, older[column - 2]! + 1)
      current.push(least)
    }
    older = previous
    previous = current
  }
  return previous[b.length]!
}

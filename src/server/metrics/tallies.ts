/** Counts by a few words, for what happens far less often than a hit. Words that nobody foresaw are counted as `other`. */
export class Tally {
  readonly #counts = new Map<string, { readonly words: readonly string[]; count: number }>()
  readonly #most: number

  constructor(most = 200) {
    this.#most = most
  }

  add(words: readonly string[], by = 1): void {
    const key = words.join('\n')
    const known = this.#counts.get(key)
    if (known) known.count += by
    else if (this.#counts.size < this.#most) this.#counts.set(key, { words, count: by })
    else this.#addOther(words.length, by)
  }

  *entries(): Generator<{ readonly words: readonly string[]; readonly count: number }> {
    yield* this.#counts.values()
  }

  /** The sum of what was counted under these first words. */
  of(...words: string[]): number {
    let sum = 0
    for (const entry of this.#counts.values()) {
      if (words.every((word, index) => entry.words[index] === word)) sum += entry.count
    }
    return sum
  }

  #addOther(length: number, by: number): void {
    const words = Array.from({ length }, () => 'other')
    const key = words.join('\n')
    const known = this.#counts.get(key)
    if (known) known.count += by
    else this.#counts.set(key, { words, count: by })
  }
}

/**
 * Remembers what an exact text meant, bounded in bytes.
 *
 * Two generations stand in for a list in order of use: a look-up promotes to the young one, and when that has taken
 * half the bytes it becomes the old one and the old one is dropped. So what is asked again within half the bound stays,
 * and a hit in the young generation is one look-up in a Map.
 */
export class Memo<Value> {
  readonly #halfBytes: number
  #young = new Map<string, Value>()
  #old = new Map<string, Value>()
  #youngBytes = 0
  #oldBytes = 0

  constructor(limitBytes: number) {
    this.#halfBytes = limitBytes / 2
  }

  get(text: string): Value | undefined {
    const value = this.#young.get(text)
    if (value !== undefined) return value
    const old = this.#old.get(text)
    if (old !== undefined) this.set(text, old)
    return old
  }

  /** A text that is too long to be worth remembering is not. */
  set(text: string, value: Value): void {
    const bytes = text.length + overheadBytes
    if (bytes > this.#halfBytes / 4) return
    if (!this.#young.has(text)) {
      if (this.#youngBytes + bytes > this.#halfBytes) this.#age()
      this.#youngBytes += bytes
    }
    this.#young.set(text, value)
  }

  clear(): void {
    this.#young = new Map()
    this.#old = new Map()
    this.#youngBytes = 0
    this.#oldBytes = 0
  }

  get bytes(): number {
    return this.#youngBytes + this.#oldBytes
  }

  #age(): void {
    this.#old = this.#young
    this.#oldBytes = this.#youngBytes
    this.#young = new Map()
    this.#youngBytes = 0
  }
}

/** Map slot, string head, and a small value. */
const overheadBytes = 300

/** What the memos of requests may take, beside a cache of so many bytes. */
export function memoLimit(cacheBytes: number): number {
  return Math.min(Math.max(cacheBytes / 16, 1024 * 1024), 16 * 1024 * 1024)
}

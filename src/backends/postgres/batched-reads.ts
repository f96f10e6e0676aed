/**
 * Reads that are asked for while others are under way go together: the more is asked at once, the less each costs.
 *
 * A read that finds nothing under way goes at once, so nothing is held back to be read together. Few go at a time,
 * however many are asked for: that keeps connections for writing.
 */
export interface BatchedReadsOptions<Value> {
  readonly one: (key: string) => Promise<Value>
  /** In the order of the keys. */
  readonly many: (keys: string[]) => Promise<Value[]>
  /** How many go at a time. */
  readonly width: number
  /** How many keys may go together now; 1 at least. */
  readonly limit: () => number
}

interface Wait<Value> {
  readonly key: string
  readonly resolve: (value: Value) => void
  readonly reject: (error: unknown) => void
}

export class BatchedReads<Value> {
  readonly #options: BatchedReadsOptions<Value>
  #waiting: Wait<Value>[] = []
  #underWay = 0

  constructor(options: BatchedReadsOptions<Value>) {
    this.#options = options
  }

  get(key: string): Promise<Value> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ key, resolve, reject })
      if (this.#underWay < this.#options.width) void this.#readOn()
    })
  }

  async #readOn(): Promise<void> {
    this.#underWay += 1
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, this.#options.limit())
      try {
        const values = await this.#read(batch.map(({ key }) => key))
        for (const [index, { resolve }] of batch.entries()) resolve(values[index]!)
      } catch (error) {
        for (const { reject } of batch) reject(error)
      }
    }
    this.#underWay -= 1
  }

  async #read(keys: string[]): Promise<Value[]> {
    const { one, many } = this.#options
    return keys.length === 1 ? [await one(keys[0]!)] : many(keys)
  }
}

/**
 * One upstream read at a time for each question.
 *
 * A *flight* is such a read under way. Who asks while one is under way arrived after it began, so what it brings may be
 * older than something he has seen. He therefore gets its outcome only if it is shown on delivery to be good enough;
 * else he waits for a flight begun after he arrived, which is always good enough. A flight that follows another begins
 * after everybody who waited for the first had arrived, so however many ask at once, two reads serve them.
 *
 * The same holds for failures: nobody is given the failure of a flight begun before he arrived, unless it may be shared
 * (that nobody could be reached is as true for him). Nothing is remembered once a flight has ended, so no error is.
 */
export type Landing<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: unknown }

export interface Boarded<T> {
  readonly value: T
  /** True if the flight was begun by somebody else. */
  readonly joined: boolean
}

export class SingleFlight<T> {
  readonly #flights = new Map<string, Promise<Landing<T>>>()

  /** How many are under way. */
  get count(): number {
    return this.#flights.size
  }

  isUnderWay(key: string): boolean {
    return this.#flights.has(key)
  }

  /** `mayShare` is asked, on delivery, about the outcome of a flight that began before the call. */
  async run(key: string, load: () => Promise<T>, mayShare: (landing: Landing<T>) => boolean): Promise<Boarded<T>> {
    const underWay = this.#flights.get(key)
    if (!underWay) return { value: unwrap(await this.#begin(key, load)), joined: false }
    const landing = await underWay
    if (mayShare(landing)) return { value: unwrap(landing), joined: true }
    // Whatever is under way now began after the first one ended, and so after this call.
    const next = this.#flights.get(key)
    return { value: unwrap(await (next ?? this.#begin(key, load))), joined: next !== undefined }
  }

  #begin(key: string, load: () => Promise<T>): Promise<Landing<T>> {
    const flight = land(load).finally(() => this.#flights.delete(key))
    this.#flights.set(key, flight)
    return flight
  }
}

async function land<T>(load: () => Promise<T>): Promise<Landing<T>> {
  try {
    return { ok: true, value: await load() }
  } catch (error) {
    return { ok: false, error }
  }
}

function unwrap<T>(landing: Landing<T>): T {
  if (!landing.ok) throw landing.error
  return landing.value
}

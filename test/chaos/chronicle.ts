/** What happened in a run, and when, so that what went wrong can be understood afterwards. */

interface Note {
  readonly at: number
  readonly text: string
}

/** More than that is not kept: the oldest go first. */
const mostNotes = 200_000

export class Chronicle {
  readonly #began = performance.now()
  #notes: Note[] = []

  note(text: string): void {
    this.#notes.push({ at: performance.now(), text })
    if (this.#notes.length > mostNotes) this.#notes = this.#notes.slice(mostNotes / 10)
  }

  /** Moments are those of `performance.now()`; shown in seconds since the run began. */
  moment(at: number): string {
    return `${((at - this.#began) / 1000).toFixed(3)}s`
  }

  between(from: number, to: number): string {
    return this.#notes
      .filter(({ at }) => at >= from && at <= to)
      .map(({ at, text }) => `  ${this.moment(at)} ${text}`)
      .join('\n')
  }
}

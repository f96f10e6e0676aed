/**
 * The site's schema, read once and again after it changed.
 *
 * Nothing can be cached without it: it tells which types a reply depends on. So after a schema change the next fill
 * waits for the new one. If it cannot be had, reads still go through, unstored.
 */
import type { ShotGridClient } from '../shotgrid/client.ts'
import { Schema } from '../shotgrid/schema.ts'

export class SchemaSource {
  readonly #client: ShotGridClient
  #current: Schema | undefined
  #generation = 0
  #loadedGeneration = -1
  #loading: Promise<Schema> | undefined

  constructor(client: ShotGridClient) {
    this.#client = client
  }

  /** The last schema read, which may be out of date: good for advice to people and for judging what is cached. */
  get last(): Schema | undefined {
    return this.#current
  }

  /** The schema as of now. Rejects if it is not known and cannot be read. */
  current(): Promise<Schema> {
    if (this.#current && this.#loadedGeneration === this.#generation) return Promise.resolve(this.#current)
    this.#loading ??= this.#load().finally(() => {
      this.#loading = undefined
    })
    return this.#loading
  }

  /** Says that the schema changed. A load under way may still have read the old one and is done again. */
  invalidate(): void {
    this.#generation += 1
  }

  async #load(): Promise<Schema> {
    for (;;) {
      const generation = this.#generation
      const schema = new Schema(await this.#client.schema())
      this.#current = schema
      this.#loadedGeneration = generation
      if (generation === this.#generation) return schema
    }
  }
}

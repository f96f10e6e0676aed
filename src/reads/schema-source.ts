/**
 * The site's schema, read once and again after it changed.
 *
 * Nothing can be cached without it: it tells which types a reply depends on. So after the change log has said that it
 * changed, whoever said so, the next fill waits for the new one. If it cannot be had, reads still go through, unstored.
 */
import type { ChangeWindow } from '../cache/change-window.ts'
import type { ShotGridClient } from '../shotgrid/client.ts'
import { Schema } from '../shotgrid/schema.ts'

export class SchemaSource {
  readonly #client: Pick<ShotGridClient, 'schema'>
  readonly #window: Pick<ChangeWindow, 'epoch' | 'schemaSeq'>
  #current: Schema | undefined
  /** What the log had said of the schema when the current one was begun to be read. */
  #currentAsOf: string | undefined
  #loading: Promise<Schema> | undefined

  constructor(client: Pick<ShotGridClient, 'schema'>, window: Pick<ChangeWindow, 'epoch' | 'schemaSeq'>) {
    this.#client = client
    this.#window = window
  }

  /** The last schema read, which may be out of date: good for advice to people and for judging what is cached. */
  get last(): Schema | undefined {
    return this.#current
  }

  /** The schema as of now. Rejects if it is not known and cannot be read. */
  current(): Promise<Schema> {
    if (this.#current && this.#currentAsOf === this.#asOf()) return Promise.resolve(this.#current)
    this.#loading ??= this.#load().finally(() => {
      this.#loading = undefined
    })
    return this.#loading
  }

  #asOf(): string {
    return `${this.#window.epoch} ${this.#window.schemaSeq}`
  }

  /** One that changed while it was read may still be the old one, and is read again. */
  async #load(): Promise<Schema> {
    for (;;) {
      const asOf = this.#asOf()
      const schema = new Schema(await this.#client.schema())
      this.#current = schema
      this.#currentAsOf = asOf
      if (asOf === this.#asOf()) return schema
    }
  }
}

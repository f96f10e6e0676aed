/** Runs scripts by their digest; Redis is sent the text only when it does not know it, as after a restart. */
import { createHash } from 'node:crypto'
import type { RedisLink } from './link.ts'

export interface ScriptCall {
  readonly keys: readonly [string, ...string[]]
  readonly args: readonly string[]
}

export class Scripts<Name extends string> {
  readonly #link: RedisLink
  readonly #texts: Readonly<Record<Name, string>>
  readonly #digests = new Map<Name, string>()

  constructor(link: RedisLink, texts: Readonly<Record<Name, string>>) {
    this.#link = link
    this.#texts = texts
  }

  async run(name: Name, { keys, args }: ScriptCall): Promise<unknown> {
    const rest = [String(keys.length), ...keys, ...args]
    try {
      return await this.#link.send(keys[0], ['EVALSHA', this.#digestOf(name), ...rest])
    } catch (error) {
      if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error
      return this.#link.send(keys[0], ['EVAL', this.#texts[name], ...rest])
    }
  }

  #digestOf(name: Name): string {
    let digest = this.#digests.get(name)
    if (digest === undefined) {
      digest = createHash('sha1').update(this.#texts[name]).digest('hex')
      this.#digests.set(name, digest)
    }
    return digest
  }
}

/** Runs scripts by their digest; Redis is sent the text only when it does not know it, as after a restart. */
import { createHash } from 'node:crypto'
import type { Command } from './link.ts'

export interface ScriptCall {
  readonly keys: readonly [string, ...string[]]
  readonly args: readonly string[]
}

export class Scripts<Name extends string> {
  readonly #texts: Readonly<Record<Name, string>>
  readonly #digests = new Map<Name, string>()

  constructor(texts: Readonly<Record<Name, string>>) {
    this.#texts = texts
  }

  /** `send` is called once, or again with the text; what it gives is given. */
  async run<Reply>(name: Name, { keys, args }: ScriptCall, send: (command: Command) => Promise<Reply>): Promise<Reply> {
    const rest = [String(keys.length), ...keys, ...args]
    try {
      return await send(['EVALSHA', this.#digestOf(name), ...rest])
    } catch (error) {
      if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error
      return send(['EVAL', this.#texts[name], ...rest])
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

/**
 * Remembers what the exact bytes of a request asked, and who asked: so a hit parses nothing.
 *
 * Credentials are part of the bytes, so what one caller asked is never looked up for another. The bytes themselves
 * hold secrets and are not kept: the memo goes by a salted digest of them.
 */
import { hash } from 'node:crypto'
import type { Question } from '../../cache/answer.ts'
import { Memo } from '../memo.ts'

export interface Known {
  readonly question: Question
  /** The digest of the identity that asked; it still has to be proven. `undefined` for what needs no credentials. */
  readonly identity: string | undefined
}

export class KnownBodies {
  readonly #memo: Memo<Known>
  readonly #salt: Buffer

  constructor(limitBytes: number, salt: Buffer) {
    this.#memo = new Memo(limitBytes)
    this.#salt = salt
  }

  get(body: Buffer): Known | undefined {
    return this.#memo.get(this.#key(body))
  }

  learn(body: Buffer, known: Known): void {
    this.#memo.set(this.#key(body), known)
  }

  #key(body: Buffer): string {
    return hash('sha256', Buffer.concat([this.#salt, body]), 'binary')
  }
}

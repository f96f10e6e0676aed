/**
 * Remembers which question the exact text of a request asked: the URL of a GET, the bytes of a POST. So a hit parses
 * nothing and computes no digest.
 *
 * Kept apart for each scope, since a question belongs to one: what one scope has asked is never looked up for another.
 */
import type { Question } from '../../cache/cache.ts'
import type { Scope } from '../../reads/reader.ts'
import type { Schema } from '../../shotgrid/schema.ts'
import { Memo } from '../memo.ts'
import type { View } from './shown.ts'

export interface Asked {
  readonly question: Question
  /** Also the endpoint that was asked. */
  readonly view: View
  /** The schema by which the text was understood; by another it may mean something else. */
  readonly schema: Schema | undefined
}

interface ScopeMemo {
  readonly urls: Memo<Asked>
  readonly bodies: Memo<Asked>
}

export class RequestMemo {
  readonly #limitBytes: number
  readonly #scopes = new Map<Scope, ScopeMemo>()
  /** The scope asked for last: most requests in a row are of one scope. */
  #last: { readonly scope: Scope; readonly memo: ScopeMemo } | undefined

  /** `limitBytes`: for each scope and kind of text. */
  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes
  }

  ofUrl(scope: Scope, url: string): Asked | undefined {
    return this.#known(scope)?.urls.get(url)
  }

  ofBody(scope: Scope, body: string): Asked | undefined {
    return this.#known(scope)?.bodies.get(body)
  }

  learnUrl(scope: Scope, url: string, asked: Asked): void {
    this.#of(scope).urls.set(url, asked)
  }

  learnBody(scope: Scope, body: string, asked: Asked): void {
    this.#of(scope).bodies.set(body, asked)
  }

  clear(): void {
    this.#scopes.clear()
    this.#last = undefined
  }

  #known(scope: Scope): ScopeMemo | undefined {
    if (this.#last?.scope === scope) return this.#last.memo
    const memo = this.#scopes.get(scope)
    if (memo) this.#last = { scope, memo }
    return memo
  }

  #of(scope: Scope): ScopeMemo {
    let memo = this.#scopes.get(scope)
    if (!memo) {
      memo = { urls: new Memo(this.#limitBytes), bodies: new Memo(this.#limitBytes) }
      this.#scopes.set(scope, memo)
    }
    return memo
  }
}

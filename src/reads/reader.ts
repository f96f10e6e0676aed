/**
 * Answers read calls through the cache: the one way to read, for the HTTP server, warming and refreshing alike.
 *
 * A call becomes a question; the cache answers it, or asks upstream through the scope's own client. What a reply
 * depends on and how long it may live is decided here, when it has been read, from the call, the reply and the schema.
 */
import type { Answer, Cache, Loaded, Question, ReadHints } from '../cache/cache.ts'
import type { Entry } from '../cache/entry.ts'
import { cacheability } from '../freshness/cacheability.ts'
import { dependenciesOf } from '../freshness/dependencies.ts'
import { type Call, callArgs, type ReadCall } from '../shotgrid/call.ts'
import type { ShotGridClient } from '../shotgrid/client.ts'
import type { Schema } from '../shotgrid/schema.ts'
import { covers, entityCall, isEntityCall, plainFields, projectReply } from './entity.ts'
import { questionOf } from './question.ts'
import type { SchemaSource } from './schema-source.ts'

/** Whose view of the site is read and cached. */
export interface Scope {
  readonly name: string
  /** `everything`: the operator's word that no permission rule hides rows or fields from it. */
  readonly sees: 'everything' | 'restricted'
  readonly client: ShotGridClient
}

export interface ReaderHints extends ReadHints {
  /** The scope's credentials are the operator's, so the read of an answer past its TTL may go on in the background. */
  readonly mayRevalidate?: boolean
}

export interface ReaderOptions {
  readonly cache: Cache
  readonly schemas: SchemaSource
  /** How long a reply may live, in ms, before any cap of its own. */
  readonly ttlMs: (type: string, kind: 'entity' | 'query', sees: Scope['sees']) => number
}

export class Reader {
  readonly cache: Cache
  readonly schemas: SchemaSource
  readonly ttlMs: ReaderOptions['ttlMs']

  constructor(options: ReaderOptions) {
    this.cache = options.cache
    this.schemas = options.schemas
    this.ttlMs = options.ttlMs
  }

  question(scope: Scope, call: Call): Question {
    return questionOf(scope.name, scope.client.url, call)
  }

  read(scope: Scope, call: Call, { mayRevalidate, ...hints }: ReaderHints = {}): Promise<Answer> {
    const load = (signal: AbortSignal) => this.#load(scope, call, signal)
    const isKept = () => mayRevalidate === true && this.#isKeptByLog(scope, call)
    return this.cache.read(this.question(scope, call), load, hints, isKept)
  }

  /** One row. Without `fields`: all its plain fields, for which the schema must be known. */
  async readEntity(
    scope: Scope,
    type: string,
    id: number,
    fields?: readonly string[],
    hints?: ReaderHints,
  ): Promise<Answer> {
    const schema = fields ? this.schemas.last : await this.schemas.current()
    const call = entityCall(type, id, fields ?? plainFields(schema!, type)) // with no fields, schema is awaited above
    if (fields && schema && !hints?.noCache) await this.#project(scope, call, id, schema)
    return this.read(scope, call, hints)
  }

  /** What a reply to `call` is worth storing as. Also for replies that came by another way, such as warming. */
  loaded(call: Call, body: Buffer, schema: Schema | undefined, sees: Scope['sees'] = 'everything'): Loaded {
    if (!schema) return { body, dependencies: [], ttlMs: 0, store: 'the schema is not known' }
    const { store, maxTtlMs, endsAt } = cacheability(call, schema, body)
    const dependencies = store === true ? dependenciesOf(call, body, schema, sees) : []
    const isEntity = call.operation === 'read' && isEntityCall(call)
    const ttlMs = this.ttlMs(call.type, isEntity ? 'entity' : 'query', sees)
    return {
      body,
      dependencies,
      ttlMs: Math.min(ttlMs, maxTtlMs ?? ttlMs),
      ...(endsAt !== undefined && { endsAt }),
      store,
    }
  }

  /** Whether the log alone tells when a reply ends to be true. Else its TTL is a bound that it must not outlive. */
  #isKeptByLog({ sees }: Scope, call: Call): boolean {
    const schema = this.schemas.last
    return sees === 'everything' && schema !== undefined && cacheability(call, schema).maxTtlMs === undefined
  }

  async #load(scope: Scope, call: Call, signal: AbortSignal): Promise<Loaded> {
    const schema = await this.schemas.current().catch(() => undefined) // unknown schema: answered, not stored
    const body = await scope.client.call(call.operation, callArgs(call), { idempotent: true, signal })
    try {
      return this.loaded(call, body, schema, scope.sees)
    } catch (error) {
      throw scope.client.malformed(error)
    }
  }

  /** Makes the entry for `call` out of the whole row's, if that one is cached and fresh. */
  async #project(scope: Scope, call: ReadCall, id: number, schema: Schema): Promise<void> {
    const question = this.question(scope, call)
    if (this.cache.peek(question)) return
    const wholeCall = entityCall(call.type, id, plainFields(schema, call.type))
    if (!covers(wholeCall.fields, call.fields)) return
    const whole = this.cache.peek(this.question(scope, wholeCall))
    if (whole) await this.#storeProjection(scope, whole, question, call, schema)
  }

  async #storeProjection(
    scope: Scope,
    whole: Entry,
    question: Question,
    call: ReadCall,
    schema: Schema,
  ): Promise<void> {
    const body = projectReply(whole.body, call.fields)
    await this.cache.derive(whole, question, { body, dependencies: dependenciesOf(call, body, schema, scope.sees) })
  }
}

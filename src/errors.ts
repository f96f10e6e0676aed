/**
 * Every error sgcache can show, in one catalogue: its code, the message with its `{placeholders}`, the HTTP status a
 * server answers with, the exit code a command ends with, and the hint that says what to do.
 *
 * `docs/errors.md` is generated from this table and a test holds it there. Exit codes: 1 failed, 2 wrong usage or
 * configuration, 3 something else is not reachable, 4 refused.
 */
interface ErrorKind {
  readonly message: string
  readonly status: number
  readonly exitCode: number
  readonly hint: string
}

export const errorCatalogue = {
  CONFIG_INVALID: {
    message: 'The configuration has {count} problem(s):\n{problems}',
    status: 500,
    exitCode: 2,
    hint: 'Correct the places named above; `sgcache config check` tells when all is well.',
  },
  MALFORMED_JSON: {
    message: 'The request body is not valid JSON: {reason}.',
    status: 400,
    exitCode: 1,
    hint: 'Send a JSON object with Content-Type: application/json.',
  },
  INVALID_REQUEST: {
    message: '{where}: {reason}.',
    status: 400,
    exitCode: 1,
    hint: 'The shapes of all requests are at /docs.',
  },
  UNKNOWN_ENTITY_TYPE: {
    message: 'There is no entity type {value}{suggestion}.',
    status: 400,
    exitCode: 1,
    hint: 'Entity types are spelled as in the ShotGrid schema, for example Shot.',
  },
  UNKNOWN_FIELD: {
    message: '{type} has no field {value}{suggestion}.',
    status: 400,
    exitCode: 1,
    hint: 'Use the field name of the schema (sg_status_list), not its display name (Status).',
  },
  UNKNOWN_OPERATOR: {
    message: 'Field {field} ({dataType}) has no operator {value}{suggestion}; it has {valid}.',
    status: 400,
    exitCode: 1,
    hint: 'See the list of operators per data type in docs/api.md.',
  },
  NOT_FOUND: {
    message: 'There is no {type} with id {id}.',
    status: 404,
    exitCode: 1,
    hint: 'It may be retired, or the configured ShotGrid script may not see it.',
  },
  UPSTREAM_FAULT: {
    message: 'ShotGrid refused the call: {fault}',
    status: 502,
    exitCode: 1,
    hint: 'The text after the colon is ShotGrid’s own.',
  },
  UPSTREAM_UNREACHABLE: {
    message: 'Cannot reach ShotGrid at {url} ({reason}), and there is no earlier answer to serve.',
    status: 503,
    exitCode: 3,
    hint: 'Check the network and shotgrid.url; cached answers are served meanwhile where there are any.',
  },
  WRONG_VALUE_COUNT: {
    message: 'The operator {operator} on {field} takes {expected}; {count} given.',
    status: 400,
    exitCode: 1,
    hint: 'See the list of operators per data type in docs/api.md.',
  },
  NO_SUCH_ROUTE: {
    message: 'There is nothing at {method} {path}.',
    status: 404,
    exitCode: 1,
    hint: 'All routes are at /docs.',
  },
  UNSUPPORTED_MEDIA_TYPE: {
    message: 'The content type {value} is not read here; it has to be application/json.',
    status: 415,
    exitCode: 1,
    hint: 'Send JSON, uncompressed, with Content-Type: application/json.',
  },
  BODY_TOO_LARGE: {
    message: 'The request body is larger than {limitBytes} bytes.',
    status: 413,
    exitCode: 1,
    hint: 'Ask for less at a time, or raise server.body_limit.',
  },
  UNAUTHENTICATED: {
    message: 'Who asks is not known: {reason}.',
    status: 401,
    exitCode: 4,
    hint: 'Send Authorization: Bearer <token>; `sgcache token` mints one.',
  },
  SCOPE_FORBIDDEN: {
    message: 'The token names {value}, which is not a scope of this server.',
    status: 403,
    exitCode: 4,
    hint: 'Mint a token for one of the configured scopes.',
  },
  NOT_CACHED: {
    message: 'Only a cached answer was asked for, and there is none.',
    status: 504,
    exitCode: 1,
    hint: 'Ask without Cache-Control: only-if-cached.',
  },
  REQUEST_TIMEOUT: {
    message: 'There was no answer within {limitMs} ms.',
    status: 504,
    exitCode: 3,
    hint: 'Ask again, or raise server.request_timeout.',
  },
  AUTH_REQUIRED: {
    message: 'Listening on {host} would let others read everything: nothing says who may ask.',
    status: 500,
    exitCode: 2,
    hint: 'Set auth.mode to "jwt", or to "none" if everybody who can reach the port may read.',
  },
  CANNOT_FOLLOW: {
    message: '`sgcache listen` cannot work here: {reason}.',
    status: 500,
    exitCode: 2,
    hint: 'Set tier to "redis" or "postgres", which processes share; alone, `sgcache serve` follows by itself.',
  },
  LISTEN_FAILED: {
    message: 'Cannot listen on {host}:{port} ({reason}).',
    status: 500,
    exitCode: 3,
    hint: 'Is another process using the port? Choose another: --port, or for `sgcache listen` --set listen.port=…',
  },
  INTERNAL: {
    message: 'Something went wrong in sgcache itself.',
    status: 500,
    exitCode: 1,
    hint: 'The log has the details under this request id.',
  },
  BACKEND_UNREACHABLE: {
    message: 'Cannot reach {what} ({reason}).',
    status: 503,
    exitCode: 3,
    hint: 'Start it or correct its address; until it is back, reads go to ShotGrid. Or set tier to "memory".',
  },
  BACKEND_TIMEOUT: {
    message: '{what} did not answer within {limitMs} ms.',
    status: 503,
    exitCode: 3,
    hint: 'Is it overloaded, frozen, or cut off? Until it answers, reads go to ShotGrid.',
  },
  BACKEND_UNFIT: {
    message: '{what} cannot be used: {reason}.',
    status: 500,
    exitCode: 3,
    hint: 'docs/tiers.md says what each tier needs.',
  },
  FENCED: {
    message: 'Another follower has taken over (fence {lastFence}, ours {fence}); this one must not move the cursor.',
    status: 503,
    exitCode: 4,
    hint: 'Nothing to do: this process takes part in the next election.',
  },
  WRONG_USAGE: {
    message: '{reason}.',
    status: 400,
    exitCode: 2,
    hint: '`sgcache help <command>` prints what a command takes.',
  },
  FILE_EXISTS: {
    message: '{path} is there already and was left as it is; nothing was written.',
    status: 409,
    exitCode: 4,
    hint: 'Use --force to replace it, or --dir for another folder.',
  },
} as const satisfies Record<string, ErrorKind>

export type ErrorCode = keyof typeof errorCatalogue
export type ErrorDetails = Readonly<Record<string, unknown>>

/** An error with a code of the catalogue. `details` fill the message's placeholders and travel in the HTTP body. */
export class SgcacheError extends Error {
  readonly code: ErrorCode
  readonly details: ErrorDetails

  constructor(code: ErrorCode, details: ErrorDetails = {}, options?: { cause?: unknown }) {
    super(fill(errorCatalogue[code].message, details), options)
    this.name = 'SgcacheError'
    this.code = code
    this.details = details
  }

  get status(): number {
    return errorCatalogue[this.code].status
  }

  get exitCode(): number {
    return errorCatalogue[this.code].exitCode
  }

  get hint(): string {
    return errorCatalogue[this.code].hint
  }
}

function fill(message: string, details: ErrorDetails): string {
  return message.replace(/\{(\w+)\}/g, (_, name: string) => String(details[name] ?? ''))
}

/** What an error says, in few words. An error of several, such as one for each address of a name, has none of its own. */
export function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(reasonOf).join(', ')
  return error instanceof Error ? error.message : String(error)
}

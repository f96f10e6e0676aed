/**
 * Everything about the simulated site that a test or a demo may turn while it runs, with its default.
 *
 * Two kinds: the weather (network, load, outages) and the open questions, that is, behaviour of the real site that no
 * source confirms. For the latter both answers can be had, and whatever is built on top must be right with either.
 */

/** A number of milliseconds, or a range to pick from. */
export type Duration = number | readonly [lowMs: number, highMs: number]

/**
 * What can befall one request:
 * - a number: that HTTP status, with a JSON body; the work is not done.
 * - `html`: 200 with a page of HTML, as a portal or a proxy in between answers; the work is not done.
 * - `resetBefore`: the connection is cut before the work is done.
 * - `lostAck`: the work is done, and the connection cut before the answer.
 * - `malformed`: the work is done, and half the answer sent.
 */
export type Mishap = 500 | 502 | 503 | 504 | 403 | 429 | 'html' | 'resetBefore' | 'lostAck' | 'malformed'

export interface SandboxSwitches {
  // --- the weather: requests through `transport()` or HTTP, never through `call()`
  /** Before the work is done. Default 0. */
  latencyBeforeMs: Duration
  /** Between the work and the answer. Default 0. */
  latencyAfterMs: Duration
  /** No connection can be made, and open ones are cut. Default false. */
  outage: boolean
  /** The probability of each mishap, 0..1, a request. Default none. */
  mishaps: Partial<Record<Mishap, number>>
  /** Mishaps of the next requests, in order, before chance has its say. Default none. */
  nextMishaps: Mishap[]
  /** Which requests mishaps befall. Default `all`. */
  mishapsOn: 'all' | 'reads' | 'writes'
  /** The probability of a slow answer, 0..1. Default 0. */
  slowShare: number
  /** How much longer a slow answer takes. Default 10 s. */
  slowMs: Duration
  /** How long a write's transaction stays open, its event ids taken and its rows unseen. Default 0. */
  transactionMs: Duration
  /** How many milliseconds old the state is that reads see; the event log is never behind. Default 0. Takes effect on
   * what is written after it was set. */
  readLagMs: number
  /** How long after its commit an event can first be read. Default 0. */
  eventLagMs: number
  /** Older events are culled when the log has grown a tenth past this many. Default 200,000. */
  eventLogLimit: number
  /** Committed events are kept back until this is set to false again. Default false. */
  holdEvents: boolean

  // --- open questions
  /** Rows retired along with another have events of their own. Default true. */
  cascadeEvents: boolean
  /** A delete writes a change event for each link to the row that now reads empty. Default false. */
  linkRemovalEvents: boolean
  /** Changes of the inverse side of a link have events. Default true. */
  backReferenceEvents: boolean
  /** Hidden connection rows have events. Default true. */
  connectionEvents: boolean
  /** The share of events whose `meta` is null, 0..1. Default 0. */
  metaNullShare: number
  /** Deleting a field writes a `Shotgun_DisplayColumn_Delete` event. Default false. */
  fieldDeletionEvents: boolean
  /** Results of transcoding have events. Default true. */
  transcodingEvents: boolean
  /** How long a signed address of a picture or file is good for. Default 900 s. */
  signatureMs: number
  /** How long an uploaded thumbnail shows as pending. Default 0. */
  thumbnailMs: number
  /** How long transcoding of an uploaded movie takes. Default 20 s. */
  transcodingMs: number
  /** Deleting and reviving a row moves its `updated_at`. Default false. */
  retirementMovesUpdatedAt: boolean
  /** A changed inverse list moves `updated_at` of the row that has the list. Default false. */
  inverseMovesUpdatedAt: boolean
  /** New scripts generate events unless told otherwise. Default false, as one site's schema has it. */
  newScriptsGenerateEvents: boolean
  /** What a returned field with a dotted path through a list of links reads. Default `absent`. */
  listPathReads: 'absent' | 'null' | 'list'
  /** What a field reads that the caller may not see. Default `absent`. */
  hiddenFieldReads: 'absent' | 'null'
  /** What a dotted path through a type that the caller may not see reads. Default `absent`. */
  hiddenTypeInPath: 'absent' | 'fault'
  /** How people log in: with `saml2` and `oxygen`, login and password are refused (108, 110). Default `default`. */
  authenticationMethod: 'default' | 'ldap' | 'saml2' | 'oxygen'
  /** Names in links are this old: a rename shows later there than on the row. Default 0. Takes effect on what is written
   * after it was set. */
  linkNameLagMs: number
}

export function defaultSwitches(): SandboxSwitches {
  return {
    latencyBeforeMs: 0,
    latencyAfterMs: 0,
    outage: false,
    mishaps: {},
    nextMishaps: [],
    mishapsOn: 'all',
    slowShare: 0,
    slowMs: 10_000,
    transactionMs: 0,
    readLagMs: 0,
    eventLagMs: 0,
    holdEvents: false,
    eventLogLimit: 200_000,
    cascadeEvents: true,
    linkRemovalEvents: false,
    backReferenceEvents: true,
    connectionEvents: true,
    metaNullShare: 0,
    fieldDeletionEvents: false,
    transcodingEvents: true,
    signatureMs: 900_000,
    thumbnailMs: 0,
    transcodingMs: 20_000,
    retirementMovesUpdatedAt: false,
    inverseMovesUpdatedAt: false,
    newScriptsGenerateEvents: false,
    listPathReads: 'absent',
    hiddenFieldReads: 'absent',
    hiddenTypeInPath: 'absent',
    authenticationMethod: 'default',
    linkNameLagMs: 0,
  }
}

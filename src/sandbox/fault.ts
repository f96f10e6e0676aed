/**
 * A refusal in the site's own words. Over the wire it is HTTP 200 with `exception: true`, never an HTTP error.
 */
import { type Fault, faultCode } from '../shotgrid/wire.ts'

export class SiteFault extends Error {
  readonly code: number

  constructor(code: number, message: string) {
    super(message)
    this.name = 'SiteFault'
    this.code = code
  }

  get wire(): Fault {
    return { exception: true, message: this.message, error_code: this.code }
  }
}

/** The row is being written by a transaction that is still open; a real site would make the second writer wait. */
export class RowLocked extends SiteFault {
  constructor(type: string, id: number) {
    super(faultCode.unexpected, `Entity of type [${type}] with id=${id} is locked by another transaction.`)
    this.name = 'RowLocked'
  }
}

/** 103: the request is malformed. */
export function malformed(message: string): SiteFault {
  return new SiteFault(faultCode.malformed, message)
}

/** 104: the request is well formed, and refused. */
export function refused(message: string): SiteFault {
  return new SiteFault(faultCode.refused, message)
}

/** 102: who asks is not who they say. */
export function notAuthenticated(message: string): SiteFault {
  return new SiteFault(faultCode.authentication, message)
}

export function noSuchRow(type: string, id: unknown): SiteFault {
  return refused(`Entity of type [${type}] with id=${String(id)} does not exist.`)
}

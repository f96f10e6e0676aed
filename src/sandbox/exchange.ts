/**
 * One request and its reply, as they come over the network: the same for the in-process transport and for HTTP.
 *
 * A connection that is cut is a `TransportError`; HTTP makes it a closed socket.
 */
import { TransportError, type TransportReply, type TransportRequest } from '../shotgrid/transport.ts'
import type { Envelope } from '../shotgrid/wire.ts'
import { CsvPage } from './export-page.ts'
import { RowLocked } from './fault.ts'
import { isWrite } from './methods.ts'
import { faultOf, type Reply, type Site } from './site.ts'
import type { Mishap } from './switches.ts'
import { Transaction } from './transaction.ts'
import { drawMishap, pause, refuseInOutage } from './weather.ts'

/** How long a write waits for a row that another transaction has written, and how often it looks. */
const lockPatienceMs = 600_000
const lockPollMs = 50

export async function exchange(site: Site, request: TransportRequest): Promise<TransportReply> {
  const { world } = site
  const { signal } = request
  refuseInOutage(world, false)
  const envelope = parseEnvelope(request.body)
  const mishap = drawMishap(world, envelope !== undefined && isWrite(envelope.method_name))
  await pause(world, world.switches.latencyBeforeMs, signal)
  refuseInOutage(world, true)
  if (signal?.aborted || mishap === 'resetBefore') throw new TransportError('ECONNRESET', true)
  const refusal = refusalOf(mishap)
  if (refusal) return refusal
  if (!envelope) return jsonReply(400, { message: 'The request is not a JSON-RPC envelope.' })
  const reply = await perform(site, envelope)
  await pause(world, world.switches.latencyAfterMs, signal)
  if (world.random.chance(world.switches.slowShare)) await pause(world, world.switches.slowMs, signal)
  refuseInOutage(world, true)
  if (signal?.aborted || mishap === 'lostAck') throw new TransportError('ECONNRESET', true)
  const whole = 'results' in reply && reply.results instanceof CsvPage ? csvReply(reply.results) : jsonReply(200, reply)
  return mishap === 'malformed' ? halved(whole) : whole
}

export function jsonReply(status: number, body: unknown): TransportReply {
  const headers = { 'content-type': 'application/json; charset=utf-8' }
  return { status, headers, body: Buffer.from(JSON.stringify(body)) }
}

function csvReply({ text }: CsvPage): TransportReply {
  return { status: 200, headers: { 'content-type': 'text/csv; charset=utf-8' }, body: Buffer.from(text) }
}

function parseEnvelope(body: Buffer): Envelope | undefined {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'))
    if (typeof value !== 'object' || value === null) return undefined
    const { method_name: method, params = [] } = value as { method_name?: unknown; params?: unknown }
    return typeof method === 'string' && Array.isArray(params) ? { method_name: method, params } : undefined
  } catch {
    return undefined // not JSON: answered with a 400
  }
}

function refusalOf(mishap: Mishap | undefined): TransportReply | undefined {
  if (typeof mishap === 'number') return jsonReply(mishap, { message: `The site answers ${mishap}.` })
  if (mishap !== 'html') return undefined
  const page = '<!DOCTYPE html><html><body><h1>We will be back soon.</h1></body></html>'
  return { status: 200, headers: { 'content-type': 'text/html; charset=utf-8' }, body: Buffer.from(page) }
}

function halved(reply: TransportReply): TransportReply {
  return { ...reply, body: reply.body.subarray(0, Math.max(1, Math.floor(reply.body.length / 2))) }
}

/** The work. A write that meets a locked row waits, as it would in a database. */
async function perform(site: Site, envelope: Envelope): Promise<Reply> {
  const { clock, switches } = site.world
  const patientUntil = clock.monotonic() + lockPatienceMs
  for (;;) {
    try {
      if (!isWrite(envelope.method_name) || switches.transactionMs === 0) return { results: site.perform(envelope) }
      return await performSlowly(site, envelope)
    } catch (error) {
      if (!(error instanceof RowLocked) || clock.monotonic() >= patientUntil) return faultOf(error)
    }
    await clock.sleep(lockPollMs)
  }
}

/** A write whose transaction stays open for a while, with its ids taken and its rows unseen. */
async function performSlowly(site: Site, envelope: Envelope): Promise<Reply> {
  const tx = new Transaction(site.world, site.caller(envelope))
  try {
    const results = site.perform(envelope, tx)
    await pause(site.world, site.world.switches.transactionMs)
    tx.commit()
    return { results }
  } catch (error) {
    tx.rollback()
    throw error
  }
}

import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { httpTransport, transportError } from '../../src/shotgrid/http-transport.ts'
import { TransportError } from '../../src/shotgrid/transport.ts'

const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})

async function serve(listener: RequestListener): Promise<{ url: string; server: Server }> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closers.push(
    () => server.closeAllConnections(),
    () => server.close(),
  )
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server }
}

function transportTo(url: string, more: { maxReplyBytes?: number; proxy?: string } = {}) {
  const { transport, close } = httpTransport({
    url,
    connections: 2,
    connectTimeoutMs: 2000,
    answerTimeoutMs: 5000,
    maxReplyBytes: 1000,
    ...more,
  })
  closers.push(close)
  return (body: string, signal?: AbortSignal) =>
    transport({ path: '/api3/json', body: Buffer.from(body), ...(signal && { signal }) })
}

const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: unknown) => error as TransportError,
  )

describe('httpTransport', () => {
  it('posts the body and keeps its connections', async () => {
    const sockets = new Set<unknown>()
    const { url } = await serve((request, response) => {
      sockets.add(request.socket)
      request.pipe(response)
    })
    const send = transportTo(url)
    for (const text of ['1', '2', '3', '4', '5', '6']) {
      const reply = await send(text)
      expect(reply.status).toBe(200)
      expect(reply.body.toString()).toBe(text)
    }
    expect(sockets.size).toBeLessThanOrEqual(2)
  })

  it('bounds the requests under way by its connections', async () => {
    let most = 0
    const waiting: (() => void)[] = []
    const answerAll = () => {
      for (const answer of waiting.splice(0)) answer()
    }
    const { url } = await serve((_, response) => {
      waiting.push(() => response.end('{}'))
      most = Math.max(most, waiting.length)
      // A pair is answered only after a few turns, so that a third request would be seen if one could come.
      if (waiting.length === 2) setImmediate(setImmediate, answerAll)
    })
    const send = transportTo(url)
    await Promise.all(Array.from({ length: 12 }, () => send('{}')))
    expect(most).toBe(2)
  })

  it('is as patient as a request says', async () => {
    const { url } = await serve(() => {})
    const { transport, close } = httpTransport({
      url,
      connections: 1,
      connectTimeoutMs: 2000,
      answerTimeoutMs: 600_000,
      maxReplyBytes: 1000,
    })
    closers.push(close)
    const request = { path: '/api3/json', body: Buffer.from('{}'), answerTimeoutMs: 20 }
    expect(await failure(transport(request))).toMatchObject({ message: 'UND_ERR_HEADERS_TIMEOUT', sent: true })
  })

  it('says that a refused connection was never sent, and that a cut one may have been', async () => {
    const { url, server } = await serve((request) => request.socket.destroy())
    const send = transportTo(url)
    expect(await failure(send('{}'))).toMatchObject({ name: 'TransportError', sent: true })
    await new Promise((resolve) => server.close(resolve))
    expect(await failure(send('{}'))).toMatchObject({ name: 'TransportError', sent: false })
  })

  it('refuses a reply over its limit', async () => {
    const { url } = await serve((_, response) => response.end('x'.repeat(2000)))
    expect(await failure(transportTo(url)('{}'))).toMatchObject({
      sent: true,
      message: expect.stringContaining('1000 bytes'),
    })
  })

  it('stops when it is told to', async () => {
    const abort = new AbortController()
    const { url } = await serve(() => abort.abort())
    expect(await failure(transportTo(url)('{}', abort.signal))).toBeInstanceOf(TransportError)
  })

  it('goes through an outbound proxy', async () => {
    const { url } = await serve((request, response) => request.pipe(response))
    const asked: string[] = []
    const { url: proxy, server } = await serve((_, response) => response.writeHead(501).end())
    const { connect } = await import('node:net')
    server.on('connect', (request, client) => {
      asked.push(request.url ?? '')
      const site = connect(Number(new URL(url).port), '127.0.0.1', () => {
        client.write('HTTP/1.1 200 OK\r\n\r\n')
        site.pipe(client).pipe(site)
      })
      closers.push(() => site.destroy())
    })
    const reply = await transportTo(url, { proxy })('{"via":"proxy"}')
    expect(reply.body.toString()).toBe('{"via":"proxy"}')
    expect(asked).toEqual([new URL(url).host])
  })
})

describe('an error of the network', () => {
  const failed = (code: string, syscall?: string) =>
    Object.assign(new Error(code), { code, ...(syscall && { syscall }) })

  it.each([
    ['refused', failed('ECONNREFUSED', 'connect')],
    ['not reached', failed('EHOSTUNREACH', 'connect')],
    ['not found', failed('ENOTFOUND', 'getaddrinfo')],
    ['not made in time', failed('UND_ERR_CONNECT_TIMEOUT')],
    [
      'refused at every address',
      new AggregateError([failed('ECONNREFUSED', 'connect'), failed('ENETUNREACH', 'connect')]),
    ],
  ])('says that nothing was sent over a connection that was %s', (_, error) => {
    expect(transportError(error).sent).toBe(false)
  })

  it.each([
    ['ended by the other side', failed('UND_ERR_SOCKET')],
    ['reset', failed('ECONNRESET', 'read')],
    ['lost with the network under it', failed('EHOSTUNREACH', 'read')],
    ['lost while the request was written', failed('ENETUNREACH', 'write')],
    ['given up', new DOMException('stopped', 'AbortError')],
    ['refused at one address only', new AggregateError([failed('ECONNREFUSED', 'connect'), failed('EPIPE', 'write')])],
  ])('says that a request may have been sent over one that was %s', (_, error) => {
    expect(transportError(error).sent).toBe(true)
  })

  it('tells its reason in words', () => {
    expect(transportError(failed('ECONNRESET', 'read')).message).toBe('ECONNRESET')
    expect(transportError(new DOMException('stopped', 'AbortError')).message).toBe('stopped')
  })
})

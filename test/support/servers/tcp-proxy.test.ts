import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startProxy, type TcpProxy } from './tcp-proxy.ts'
import { until } from './until.ts'

describe('the proxy', () => {
  let echo: Server
  let received: string
  let proxy: TcpProxy

  beforeEach(async () => {
    received = ''
    echo = createServer((socket) => {
      socket.on('error', () => {})
      socket.on('data', (bytes) => {
        received += bytes
        socket.write(bytes)
      })
    })
    echo.listen(0, '127.0.0.1')
    await once(echo, 'listening')
    proxy = await startProxy((echo.address() as AddressInfo).port) // a TCP server's address is never a string
  })
  afterEach(async () => {
    await proxy.close()
    echo.close()
  })

  const client = () => {
    const socket = connect(proxy.port, '127.0.0.1')
    let echoed = ''
    socket.on('data', (bytes) => {
      echoed += bytes
    })
    socket.on('error', () => {})
    return { socket, echoed: () => echoed }
  }

  it('passes bytes and the end through, in order', async () => {
    const socket = connect(proxy.port, '127.0.0.1')
    for (const word of ['a', 'b', 'c']) socket.write(word)
    socket.end()
    expect(await text(socket)).toBe('abc')
    await until(() => proxy.connections === 0, { what: 'the connection is closed' })
  })

  it('passes nothing on before the delay is over, each way', async () => {
    proxy.delay(40)
    const { socket, echoed } = client()
    const sentAt = performance.now()
    socket.write('slow')
    await until(() => echoed() === 'slow', { what: 'the echo has come', everyMs: 1 })
    expect(performance.now() - sentAt).toBeGreaterThanOrEqual(79)
    socket.destroy()
  })

  it('resets connections and refuses new ones while it is cut', async () => {
    const { socket, echoed } = client()
    socket.write('a')
    await until(() => echoed() === 'a', { what: 'the echo has come' })
    const [[error]] = await Promise.all([once(socket, 'error'), proxy.cut()])
    expect(error).toMatchObject({ code: 'ECONNRESET' })
    expect((await once(connect(proxy.port, '127.0.0.1'), 'error').catch((refused) => [refused]))[0]).toMatchObject({
      code: 'ECONNREFUSED',
    })
    await proxy.mend()
    const again = client()
    again.socket.write('b')
    await until(() => again.echoed() === 'b', { what: 'the echo has come' })
    expect(proxy.connections).toBe(1)
    again.socket.destroy()
  })

  it('holds what is sent while it is stalled', async () => {
    proxy.stall()
    const { socket, echoed } = client()
    socket.write('held')
    await once(socket, 'ready')
    await until(() => socket.bytesWritten === 4 && proxy.connections === 1, { what: 'it is accepted' })
    expect(received).toBe('')
    proxy.resume()
    await until(() => echoed() === 'held', { what: 'the echo has come' })
    socket.destroy()
  })

  it('lets a request through and holds its reply, when only replies are stalled', async () => {
    proxy.stall('replies')
    const { socket, echoed } = client()
    socket.write('done')
    await until(() => received === 'done', { what: 'the server has it' })
    expect(echoed()).toBe('')
    proxy.resume()
    await until(() => echoed() === 'done', { what: 'the echo has come' })
    socket.destroy()
  })

  it('resets a client whose server is not there', async () => {
    echo.close()
    const { socket } = client()
    await new Promise((resolve) => socket.once('close', resolve))
    expect(received).toBe('')
  })
})

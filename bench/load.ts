/**
 * The load: kept-alive connections over raw sockets, each with one request under way, in a process of its own. Replies
 * are counted by their Content-Length and their status; a wrong status ends the run.
 */
import { connect, type Socket } from 'node:net'
import { requestsOf, type WorkloadName } from './workloads.ts'

interface Order {
  readonly port: number
  readonly name: WorkloadName
  readonly connections: number
  readonly token: string
  readonly etags: readonly string[]
  readonly warmMs: number
  readonly measureMs: number
  /** 200, or 304. */
  readonly status: number
}

const order = JSON.parse(process.argv[2]!) as Order // made by run.ts
const requests = requestsOf(order.name, order.token, (id) => order.etags[id - 1] ?? '')
const expected = Buffer.from(`HTTP/1.1 ${order.status} `)
let next = 0
let answered = 0

for (let index = 0; index < order.connections; index += 1) open()

setTimeout(() => {
  answered = 0
  const began = performance.now()
  process.send?.('measuring')
  setTimeout(() => {
    process.send?.({ answered, seconds: (performance.now() - began) / 1000 }, () => process.exit())
  }, order.measureMs)
}, order.warmMs)

function open(): void {
  const socket = connect(order.port, '127.0.0.1')
  socket.setNoDelay(true)
  let missing = 0
  socket.on('connect', () => send(socket))
  socket.on('data', (part) => {
    missing = missing > 0 ? missing - part.length : lengthOf(part) - part.length
    if (missing > 0) return
    if (missing < 0) throw new Error('more bytes came than the reply has')
    answered += 1
    send(socket)
  })
}

function send(socket: Socket): void {
  socket.write(requests[next]!)
  next = (next + 1) % requests.length
}

/** Of a whole reply, by its head. Heads are short, so they come in one piece. */
function lengthOf(part: Buffer): number {
  if (part.compare(expected, 0, expected.length, 0, expected.length) !== 0) {
    throw new Error(`unexpected reply: ${part.toString('latin1', 0, 300)}`)
  }
  const end = part.indexOf('\r\n\r\n')
  const length = /content-length: (\d+)/i.exec(part.toString('latin1', 0, end))?.[1] ?? '0'
  return end + 4 + Number(length)
}

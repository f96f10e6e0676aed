/**
 * The load: kept-alive connections over raw sockets, each with one request under way, in a process of its own. Told for
 * how long, it sends and says how many replies came. Replies are counted by Content-Length; a wrong status ends it.
 */
import { connect, type Socket } from 'node:net'
import { requestsOf, type WorkloadName } from './workloads.ts'

export interface Order {
  readonly port: number
  readonly name: WorkloadName
  readonly connections: number
  readonly token: string
  readonly etags: readonly string[]
  /** 200, or 304. */
  readonly status: number
}

export interface Answered {
  readonly answered: number
  readonly seconds: number
}

const order = JSON.parse(process.argv[2]!) as Order // made by hits.ts
const requests = requestsOf(order.name, order.token, (id) => order.etags[id - 1] ?? '')
const expected = Buffer.from(`HTTP/1.1 ${order.status} `)
const sockets = new Set<Socket>()
let next = 0
let answered = 0
let underWay = 0
let isOver = true
let onQuiet = () => {}

openAll()
process.on('message', (told) => {
  if (told === 'open') openAll()
  else burst(Number(told))
})
process.on('disconnect', () => process.exit())

/** Says `ready` when all are open. */
function openAll(): void {
  const missing = order.connections - sockets.size
  for (let index = 0; index < missing; index += 1) open()
  if (missing === 0) process.send?.('ready')
}

function burst(ms: number): void {
  answered = 0
  isOver = false
  const began = performance.now()
  for (const socket of sockets) send(socket)
  setTimeout(() => {
    isOver = true
  }, ms)
  onQuiet = () => process.send?.({ answered, seconds: (performance.now() - began) / 1000 } satisfies Answered)
}

function open(): void {
  const socket = connect(order.port, '127.0.0.1')
  socket.setNoDelay(true)
  socket.on('connect', () => {
    sockets.add(socket)
    if (isOver && sockets.size === order.connections) process.send?.('ready')
  })
  // Between two bursts the server may close what is idle.
  socket.on('close', () => {
    if (!isOver || underWay > 0) throw new Error('the server closed a connection in use')
    sockets.delete(socket)
  })
  let missing = 0
  socket.on('data', (part) => {
    missing = missing > 0 ? missing - part.length : lengthOf(part) - part.length
    if (missing > 0) return
    if (missing < 0) throw new Error('more bytes came than the reply has')
    answered += 1
    underWay -= 1
    if (!isOver) send(socket)
    else if (underWay === 0) onQuiet()
  })
}

function send(socket: Socket): void {
  underWay += 1
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

/**
 * A network between a client and a server on this machine, that a test makes slow, silent or broken.
 *
 * Bytes go through in order. What is delayed or held is kept in memory, without a bound. An end or a reset of one side
 * waits in line behind the bytes before it, as on a real network.
 */
import { once } from 'node:events'
import { createServer, type Server, Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from './free-port.ts'

/** Which way: what the client sends, what the server sends. */
export type Direction = 'requests' | 'replies'

export interface TcpProxy {
  readonly port: number
  /** How many clients are connected. */
  readonly connections: number
  /** Resets every connection and refuses new ones. */
  cut(): Promise<void>
  /** Accepts connections again. */
  mend(): Promise<void>
  /** From now on everything takes this much longer each way; 0 ends it. */
  delay(ms: number): void
  /** Accepts connections and bytes and passes nothing on, in both directions or in one. */
  stall(direction?: Direction): void
  /** Passes on what was held, and everything after it. */
  resume(): void
  /** New connections go to another server, as when an address moves. */
  redirect(targetPort: number): void
  close(): Promise<void>
}

export async function startProxy(targetPort: number): Promise<TcpProxy> {
  const port = await freePort()
  const weather = new Weather()
  const open = new Set<Socket>()
  let target = targetPort
  const listener = createServer({ allowHalfOpen: true }, (client) => {
    const upstream = new Socket({ allowHalfOpen: true })
    for (const socket of [client, upstream]) {
      open.add(socket)
      socket.setNoDelay(true)
      socket.once('close', () => open.delete(socket))
    }
    pass(client, upstream, weather, 'requests')
    pass(upstream, client, weather, 'replies')
    upstream.connect(target, '127.0.0.1')
  })
  const cut = async () => {
    for (const socket of open) socket.resetAndDestroy()
    // Resolves when the last connection has closed.
    if (listener.listening) await new Promise((resolve) => listener.close(resolve))
  }
  await listen(listener, port)
  return {
    port,
    get connections() {
      return open.size / 2
    },
    cut,
    mend: async () => {
      if (!listener.listening) await listen(listener, port)
    },
    delay: (ms) => weather.delay(ms),
    stall: (direction) => weather.stall(direction),
    resume: () => weather.resume(),
    redirect: (port) => {
      target = port
    },
    close: async () => {
      weather.resume()
      await cut()
    },
  }
}

async function listen(listener: Server, port: number): Promise<void> {
  listener.listen(port, '127.0.0.1')
  await once(listener, 'listening')
}

/** What the network is like now, for all connections of a proxy. */
class Weather {
  #delayMs = 0
  readonly #stalled = new Set<Direction>()
  readonly #waiting: (() => void)[] = []

  delay(ms: number): void {
    this.#delayMs = ms
  }

  stall(direction?: Direction): void {
    for (const way of direction ? [direction] : (['requests', 'replies'] as const)) this.#stalled.add(way)
  }

  resume(): void {
    this.#stalled.clear()
    for (const wake of this.#waiting.splice(0)) wake()
  }

  /** When that which arrives now is due on the other side. */
  dueAt(): number {
    return performance.now() + this.#delayMs
  }

  /** Resolves when what was due then may go on. */
  async lets(direction: Direction, dueAt: number): Promise<void> {
    const earlyMs = dueAt - performance.now()
    if (earlyMs > 0) await sleep(earlyMs)
    while (this.#stalled.has(direction)) await new Promise<void>((wake) => this.#waiting.push(wake))
  }
}

/** One direction of one connection: bytes, the end and a reset go on one after the other. */
function pass(from: Socket, to: Socket, weather: Weather, direction: Direction): void {
  let last: Promise<void> = Promise.resolve()
  const inLine = (go: () => void) => {
    const dueAt = weather.dueAt()
    last = last.then(() => weather.lets(direction, dueAt)).then(() => (to.destroyed ? undefined : go()))
  }
  from.on('data', (bytes) => inLine(() => to.write(bytes)))
  from.on('end', () => inLine(() => to.end()))
  from.on('error', () => inLine(() => to.resetAndDestroy()))
}

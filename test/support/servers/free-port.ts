/**
 * A port for a server that a test starts.
 *
 * Below the range that systems hand to outgoing connections, so a server that was killed finds its port free when it is
 * started again, and a client that keeps on trying a dead port cannot be given that same port and talk to itself.
 */
import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'

const FIRST = 15_000
const END = 32_000

export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const port = randomInt(FIRST, END)
    if (await isFree(port)) return port
  }
  throw new Error(`There is no free port from ${FIRST} to ${END}.`)
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)))
  })
}

/**
 * A way to the site that each instance can be cut off from alone, while all know the site by the same address: an HTTP
 * proxy that makes tunnels, in front of which every instance has a network of its own.
 */
import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import type { Duplex } from 'node:stream'

export interface Tunnel {
  readonly port: number
  close(): Promise<void>
}

export async function openTunnel(): Promise<Tunnel> {
  const server = createServer((_, response) => response.writeHead(405).end())
  const open = new Set<Duplex>()
  server.on('connect', (request, client, head) => {
    const { hostname, port } = new URL(`http://${request.url}`)
    const upstream = connect(Number(port), hostname, () => client.write(established))
    upstream.write(head)
    join(client, upstream, open)
    join(upstream, client, open)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port, // a server on a port has one
    close: async () => {
      for (const socket of open) socket.destroy()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

const established = 'HTTP/1.1 200 Connection established\r\n\r\n'

/** When one side is gone, so is the other. */
function join(from: Duplex, to: Duplex, open: Set<Duplex>): void {
  open.add(from)
  from.pipe(to)
  from.on('error', () => to.destroy())
  from.on('close', () => {
    open.delete(from)
    to.destroy()
  })
}

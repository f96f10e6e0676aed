/**
 * Vitest's global setup: a desk where the processes of the tests ask for the shared servers, over HTTP.
 *
 * Nothing is started before somebody asks, so a run of tests that need no server costs nothing.
 */
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestProject } from 'vitest/node'
import { SharedServers } from './shared-servers.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    /** The URL of the desk. */
    sharedServers: string
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const servers = new SharedServers(process.env)
  const desk = createServer(answerFor(servers))
  // A first answer may need a download; the test's own timeout bounds it.
  desk.requestTimeout = 0
  desk.listen(0, '127.0.0.1')
  await once(desk, 'listening')
  const { port } = desk.address() as AddressInfo // a TCP server's address is never a string
  project.provide('sharedServers', `http://127.0.0.1:${port}`)
  return async () => {
    desk.closeAllConnections()
    desk.close()
    await servers.close()
  }
}

function answerFor(servers: SharedServers): RequestListener {
  const answers: Readonly<Record<string, () => Promise<object>>> = {
    '/redis': () => servers.redis(),
    '/can-start-redis': () => servers.canStartRedis(),
    '/database': () => servers.database(),
  }
  return async (request, response) => {
    try {
      const answer = await answers[request.url ?? '']?.()
      response.writeHead(answer ? 200 : 404).end(JSON.stringify(answer))
    } catch (error) {
      response.writeHead(500).end(error instanceof Error ? error.message : String(error))
    }
  }
}

/** What a miss adds to the upstream call it makes, and how long a server takes to start. Upstream is the sandbox. */
import { spawn } from 'node:child_process'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { Agent, request } from 'undici'
import { built } from './built.ts'

export interface MissResult {
  readonly directMs: number
  readonly throughMs: number
}

export interface StartResult {
  /** From the start of the process to its first answer at /ready. */
  readonly readyMs: number
  /** Of these, waiting out the settle window of a site that is not known to be consistent. */
  readonly settleMs: number
}

const credentials = { script: 'sgcache', key: 'sandbox-key' }

export async function measureMiss(samples: number): Promise<MissResult> {
  return withSandbox(async (url) => {
    const server = await serve(url, '0s')
    const agent = new Agent({ connections: 1 })
    const post = async (target: string, body: unknown, headers: Record<string, string> = {}) => {
      const began = performance.now()
      const options = {
        method: 'POST',
        body: JSON.stringify(body),
        headers: { 'content-type': 'application/json', ...headers },
        dispatcher: agent,
      } as const
      const reply = await request(target, options)
      await reply.body.arrayBuffer()
      if (reply.statusCode !== 200) throw new Error(`HTTP ${reply.statusCode}`)
      return performance.now() - began
    }
    const direct: number[] = []
    const through: number[] = []
    for (let i = 0; i < samples * 2; i += 1) {
      const d = await post(`${url}/api3/json`, { method_name: 'read', params: [auth, readArgs(i)] })
      const t = await post(`${server.address}/query`, nativeQuery(i), { 'cache-control': 'no-cache' })
      if (i >= samples) {
        direct.push(d)
        through.push(t)
      }
    }
    await agent.close()
    await server.stop()
    return { directMs: median(direct), throughMs: median(through) }
  })
}

export async function measureStart(): Promise<StartResult> {
  return withSandbox(async (url) => {
    const times: number[] = []
    for (let i = 0; i < 3; i += 1) {
      const server = await serve(url, '0s')
      times.push(server.readyMs)
      await server.stop()
    }
    return { readyMs: median(times), settleMs: 1000 }
  })
}

const auth = { script_name: credentials.script, script_key: credentials.key }
const fields = ['code', 'sg_status_list', 'sg_sequence']

function readArgs(i: number): object {
  return {
    type: 'Shot',
    return_fields: fields,
    filters: { logical_operator: 'and', conditions: [{ path: 'id', relation: 'less_than', values: [20 + (i % 20)] }] },
    return_only: 'active',
    paging: { entities_per_page: 20, current_page: 1 },
    api_return_image_urls: true,
    return_paging_info_without_counts: false,
  }
}

function nativeQuery(i: number): object {
  return { entity_type: 'Shot', filters: [['id', 'less_than', 20 + (i % 20)]], fields, limit: 20 }
}

async function withSandbox<Result>(work: (url: string) => Promise<Result>): Promise<Result> {
  const { createSandbox } = await built<typeof import('../src/sandbox/sandbox.ts')>('sandbox/sandbox.js')
  const listening = await createSandbox().listen({ port: 0, host: '127.0.0.1' })
  try {
    return await work(listening.address)
  } finally {
    await listening.close()
  }
}

interface Served {
  readonly address: string
  readonly readyMs: number
  stop(): Promise<void>
}

/** The command as it is shipped, in a process of its own. */
async function serve(site: string, settle: string): Promise<Served> {
  const port = await freePort()
  const main = new URL('../dist/cli/main.js', import.meta.url).pathname
  const began = performance.now()
  const child = spawn(process.execPath, [main, 'serve'], {
    stdio: 'ignore',
    env: {
      ...process.env,
      SG_URL: site,
      SG_SCRIPT: credentials.script,
      SG_KEY: credentials.key,
      SGCACHE_SERVER_PORT: String(port),
      SGCACHE_CACHE_SETTLE: settle,
      SGCACHE_LOG_LEVEL: 'silent',
      SGCACHE_EVENTS_POLL: '5s',
    },
  })
  const address = `http://127.0.0.1:${port}`
  while (child.exitCode === null && !(await isReady(address))) await new Promise((resolve) => setTimeout(resolve, 10))
  if (child.exitCode !== null) throw new Error(`serve ended with ${child.exitCode}`)
  const readyMs = performance.now() - began
  return {
    address,
    readyMs,
    stop: () =>
      new Promise((resolve) => {
        child.once('exit', () => resolve())
        child.kill()
      }),
  }
}

async function isReady(address: string): Promise<boolean> {
  return fetch(`${address}/ready`).then(
    ({ ok }) => ok,
    () => false,
  )
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo // it listens on a port
  await new Promise((resolve) => server.close(resolve))
  return port
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!
}

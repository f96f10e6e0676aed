/**
 * One process of sgcache, as its users run it: built, configured by its environment, on a port of its own, and with a
 * network of its own to the site and to the servers of the tier.
 */
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { freePort } from '../support/servers/free-port.ts'
import { Server } from '../support/servers/server.ts'
import { startProxy, type TcpProxy } from '../support/servers/tcp-proxy.ts'
import type { Chronicle } from './chronicle.ts'
import { Client } from './http.ts'
import type { Site } from './site.ts'
import type { Troubles } from './troubles.ts'

export interface InstanceOptions {
  readonly name: string
  /** A server, or a follower by itself. */
  readonly command: 'serve' | 'listen'
  readonly site: Pick<Site, 'url' | 'proxyPort'>
  /** The tier's servers, each reached over a network of this instance's own. */
  readonly stores: readonly StoreAddress[]
  readonly environment: Readonly<Record<string, string>>
  readonly troubles: Troubles
  readonly chronicle: Chronicle
}

export interface StoreAddress {
  readonly port: number
  /** The setting that says where it is, and its value for a port. */
  readonly setting: string
  readonly at: (port: number) => string
}

const main = resolve(import.meta.dirname, '../../dist/cli/main.js')

export class Instance {
  readonly name: string
  readonly client: Client
  readonly siteNetwork: TcpProxy
  readonly storeNetworks: readonly TcpProxy[]
  /** Requests under way. */
  outstanding = 0
  readonly #server: Server
  readonly #options: InstanceOptions
  #revive: (() => void) | undefined
  #wake: (() => void) | undefined

  private constructor(options: InstanceOptions, server: Server, siteNetwork: TcpProxy, storeNetworks: TcpProxy[]) {
    this.name = options.name
    this.#options = options
    this.#server = server
    this.siteNetwork = siteNetwork
    this.storeNetworks = storeNetworks
    this.client = new Client(server.port)
  }

  static async start(options: InstanceOptions): Promise<Instance> {
    const { name, command, site, stores, environment, chronicle } = options
    const siteNetwork = await startProxy(site.proxyPort)
    const storeNetworks = await Promise.all(stores.map(({ port }) => startProxy(port)))
    const port = await freePort()
    const addresses = stores.map(({ setting, at }, index) => [setting, at(storeNetworks[index]!.port)])
    const directory = await mkdtemp(join(tmpdir(), `sgcache-chaos-${name}-`))
    const server = await Server.start(
      { port, url: `http://127.0.0.1:${port}`, directory },
      {
        command: process.execPath,
        args: [main, command],
        env: {
          ...environment,
          ...Object.fromEntries(addresses),
          SG_URL: site.url,
          SGCACHE_SHOTGRID_PROXY: `http://127.0.0.1:${siteNetwork.port}`,
          [command === 'serve' ? 'SGCACHE_SERVER_PORT' : 'SGCACHE_LISTEN_PORT']: String(port),
        },
        ready: /sgcache (answers at|follows) /,
        stopSignal: 'SIGTERM',
        onOutput: (text) => {
          for (const line of text.split('\n')) if (line !== '') chronicle.note(`${name}: ${line}`)
        },
      },
    )
    return new Instance(options, server, siteNetwork, storeNetworks)
  }

  get isDead(): boolean {
    return this.#revive !== undefined
  }

  get isFrozen(): boolean {
    return this.#wake !== undefined
  }

  async kill(): Promise<void> {
    if (this.#revive) return
    this.#revive = this.#options.troubles.begin(this.name, 'killed')
    this.thaw()
    await this.#server.kill()
  }

  /** Ends in good order; what it has begun to answer it answers. */
  async stop(): Promise<void> {
    if (this.#revive) return
    this.#revive = this.#options.troubles.begin(this.name, 'killed')
    this.thaw()
    await this.#server.stop()
  }

  async restart(): Promise<void> {
    await this.#server.restart()
    this.#revive?.()
    this.#revive = undefined
  }

  freeze(): void {
    if (this.#revive || this.#wake) return
    this.#wake = this.#options.troubles.begin(this.name, 'frozen')
    this.#server.freeze()
  }

  thaw(): void {
    this.#server.thaw()
    this.#wake?.()
    this.#wake = undefined
  }

  async close(): Promise<void> {
    this.client.close()
    await this.#server.close()
    await Promise.all([this.siteNetwork, ...this.storeNetworks].map((network) => network.close()))
  }
}

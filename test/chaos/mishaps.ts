/**
 * What befalls the processes, their networks and the servers of the tier: one mishap after the other, several at a time
 * but no two to the same victim, until the storm is over.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Random } from '../support/random.ts'
import type { Server } from '../support/servers/server.ts'
import type { TcpProxy } from '../support/servers/tcp-proxy.ts'
import type { Instance } from './instance.ts'
import type { Run } from './run.ts'

/** Somebody or something that mishaps befall. */
export interface Victim {
  readonly name: string
  readonly mishaps: readonly (readonly [weight: number, mishap: Mishap])[]
}

/** Resolves when it is over. */
export interface Mishap {
  readonly name: string
  readonly happen: (random: Random, run: Run) => Promise<void>
}

/** Mishaps of processes and their networks. */
export function victimsOf(instances: readonly Instance[], stores: readonly string[]): Victim[] {
  return instances.flatMap((instance) => [
    {
      name: instance.name,
      mishaps: [
        [1, end(instance, 'is killed', () => instance.kill())],
        [0.6, end(instance, 'is stopped', () => instance.stop())],
        [2, freeze(instance)],
      ] as const,
    },
    { name: `the network of ${instance.name} to the site`, mishaps: siteNetwork(instance) },
    ...stores.map((store, index) => ({
      name: `the network of ${instance.name} to ${store}`,
      mishaps: storeNetwork(instance.storeNetworks[index]!, instance, store),
    })),
  ])
}

/** A server of the tier; `loses`: what is gone when it is killed. */
export function victimOfServer(name: string, server: Server, loses: string): Victim {
  return {
    name,
    mishaps: [
      [
        1,
        {
          name: `${name} is killed${loses}`,
          happen: async (random, run) => {
            const end = run.troubles.begin(name, 'store')
            await server.kill()
            await sleep(random.int(2500))
            await server.restart()
            end()
          },
        },
      ],
      [
        1.5,
        {
          name: `${name} is frozen`,
          happen: async (random, run) => {
            const end = run.troubles.begin(name, 'store')
            server.freeze()
            await sleep(300 + random.int(5000))
            server.thaw()
            end()
          },
        },
      ],
    ],
  }
}

/** Lets mishaps happen until the signal aborts; resolves when all are over. */
export async function storm(run: Run, victims: readonly Victim[], random: Random, signal: AbortSignal): Promise<void> {
  const suffering = new Map<string, Promise<void>>()
  while (!signal.aborted) {
    await sleep(100 + random.int(1400))
    const follower = random.chance(0.25) ? await run.fleet.follower() : undefined
    const victim = victims.find(({ name }) => name === follower?.name) ?? random.pick(victims)
    if (signal.aborted || suffering.has(victim.name)) continue
    const mishap = random.weighted(victim.mishaps)
    const text = follower?.name === victim.name ? `${mishap.name}, which follows` : mishap.name
    run.tally.count(`mishap: ${mishap.name.replace(/ of [pl]\d/, '').replace(/^[pl]\d/, 'a process')}`)
    run.chronicle.note(`MISHAP ${text}`)
    const over = mishap.happen(random, run).finally(() => {
      run.chronicle.note(`OVER ${text}`)
      suffering.delete(victim.name)
    })
    suffering.set(victim.name, over)
  }
  await Promise.all(suffering.values())
}

/** One of its two ends; after a while it is started again. */
function end(instance: Instance, how: string, happens: () => Promise<void>): Mishap {
  return {
    name: `${instance.name} ${how}`,
    happen: async (random) => {
      await happens()
      await sleep(random.int(1500))
      await instance.restart()
    },
  }
}

function freeze(instance: Instance): Mishap {
  return {
    name: `${instance.name} is frozen`,
    happen: async (random) => {
      instance.freeze()
      await sleep(300 + random.int(random.chance(0.3) ? 7700 : 2500))
      instance.thaw()
    },
  }
}

function siteNetwork({ siteNetwork: network, name }: Instance): Victim['mishaps'] {
  const trouble = (what: string, begin: () => Promise<void> | void, over: () => Promise<void> | void): Mishap => ({
    name: `the way of ${name} to the site ${what}`,
    happen: async (random, run) => {
      const end = run.troubles.begin(name, 'site')
      await begin()
      await sleep(200 + random.int(4000))
      await over()
      end()
    },
  })
  return [
    [1, slow(network, `the way of ${name} to the site is slow`)],
    [
      0.6,
      trouble(
        'is cut',
        () => network.cut(),
        () => network.mend(),
      ),
    ],
    [
      0.4,
      trouble(
        'is stalled',
        () => network.stall(),
        () => network.resume(),
      ),
    ],
  ]
}

function storeNetwork(network: TcpProxy, { name }: Instance, store: string): Victim['mishaps'] {
  const trouble = (what: string, begin: () => Promise<void> | void, over: () => Promise<void> | void): Mishap => ({
    name: `the way of ${name} to ${store} ${what}`,
    happen: async (random, run) => {
      const end = run.troubles.begin(`${name} to ${store}`, 'store')
      await begin()
      await sleep(200 + random.int(random.chance(0.3) ? 6000 : 2000))
      await over()
      end()
    },
  })
  return [
    [
      2,
      trouble(
        'is cut',
        () => network.cut(),
        () => network.mend(),
      ),
    ],
    [
      1,
      trouble(
        'is stalled',
        () => network.stall(),
        () => network.resume(),
      ),
    ],
    [
      1,
      trouble(
        'swallows requests',
        () => network.stall('requests'),
        () => network.resume(),
      ),
    ],
    [
      1,
      trouble(
        'swallows replies',
        () => network.stall('replies'),
        () => network.resume(),
      ),
    ],
    [1, slow(network, `the way of ${name} to ${store} is slow`)],
  ]
}

function slow(network: TcpProxy, name: string): Mishap {
  return {
    name,
    happen: async (random) => {
      network.delay(10 + random.int(150))
      await sleep(500 + random.int(4000))
      network.delay(0)
    },
  }
}

/** The processes of a run. */
import type { Instance } from './instance.ts'

export interface Health {
  readonly instance: Instance
  readonly role: string | undefined
  readonly lastEventId: number
  readonly gaps: number
  readonly isBlind: boolean
}

export class Fleet {
  /** Those that answer. */
  readonly instances: readonly Instance[]
  /** Those that only follow. */
  readonly listeners: readonly Instance[]

  constructor(instances: readonly Instance[], listeners: readonly Instance[]) {
    this.instances = instances
    this.listeners = listeners
  }

  get all(): readonly Instance[] {
    return [...this.instances, ...this.listeners]
  }

  /** What each says of itself; undefined of those that do not answer within a second. */
  async health(): Promise<readonly Health[]> {
    const all = await Promise.all(this.all.map((instance) => healthOf(instance)))
    return all.filter((health) => health !== undefined)
  }

  /** Whoever follows the site's event log now, if that can be found out. */
  async follower(): Promise<Instance | undefined> {
    return (await this.health()).find(({ role }) => role === 'following')?.instance
  }

  async close(): Promise<void> {
    await Promise.all(this.all.map((instance) => instance.close()))
  }
}

async function healthOf(instance: Instance): Promise<Health | undefined> {
  if (instance.isDead || instance.isFrozen) return undefined
  try {
    const { body } = await instance.client.send({ method: 'GET', path: '/health' }, 1000)
    const { checks } = JSON.parse(body) as {
      checks: { events?: { ok: boolean; role: string; last_id: number; gaps: number } }
    }
    const { ok = false, role, last_id: lastEventId = 0, gaps = 0 } = checks.events ?? {}
    return { instance, role, lastEventId, gaps, isBlind: !ok }
  } catch {
    return undefined
  }
}

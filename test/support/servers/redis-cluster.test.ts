import { createCluster } from '@redis/client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { askRedis } from './redis.ts'
import { type Cluster, startCluster } from './redis-cluster.ts'
import { redisServerIsMissing } from './shared.ts'

describe.skipIf(await redisServerIsMissing())('a Redis Cluster of six', () => {
  let cluster: Cluster

  beforeAll(async () => {
    cluster = await startCluster()
  })
  afterAll(() => cluster?.close())

  it('answers for keys of every master', async () => {
    const client = createCluster({ rootNodes: cluster.nodes.map(({ url }) => ({ url })) })
    await client.connect()
    try {
      const keys = Array.from({ length: 30 }, (_, index) => `key${index}`)
      for (const key of keys) await client.set(key, key)
      expect(await Promise.all(keys.map((key) => client.get(key)))).toEqual(keys)
      expect(client.masters.map(({ port }) => port).sort()).toEqual(
        cluster.nodes
          .slice(0, 3)
          .map(({ port }) => port)
          .sort(),
      )
    } finally {
      client.destroy()
    }
  })

  it('replaces a master that is killed', async () => {
    const [master, , , replica] = cluster.nodes
    expect(String(await askRedis(replica!.url, 'INFO', 'replication'))).toContain('role:slave')
    await master!.kill()
    await cluster.healthy()
    expect(String(await askRedis(replica!.url, 'INFO', 'replication'))).toContain('role:master')
  })
})

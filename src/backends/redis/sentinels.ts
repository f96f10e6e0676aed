/**
 * Asks sentinels which server is the master now.
 *
 * A sentinel that was cut off names a master that has been replaced, so of all answers that counts which is of the last
 * vote (`config-epoch`). If only such sentinels can be reached, their master is used; that is the log's business: its
 * replicas have left it, so that it confirms nothing (`min-replicas-to-write`, WAIT).
 */
import type { Clock } from '../../clock.ts'
import type { RedisConnection } from './connection-options.ts'
import { KnownNodes } from './known-nodes.ts'
import type { Address, Directory } from './primary-link.ts'

export function askSentinels(connection: RedisConnection, clock: Clock): Directory {
  const { nodes, masterName, sentinelUsername, sentinelPassword } = connection
  const { username: _, password: __, ...common } = connection
  const sentinels = new KnownNodes({
    connection: {
      ...common,
      ...(sentinelUsername !== undefined && { username: sentinelUsername }),
      ...(sentinelPassword !== undefined && { password: sentinelPassword }),
    },
    clock,
  })
  return {
    async primary() {
      const answers = await sentinels.ask(nodes, async (ask) => masterIn(await ask('SENTINEL', 'MASTER', masterName)))
      return answers.reduce((newest, other) => (other.vote > newest.vote ? other : newest)).address
    },
    close: () => sentinels.close(),
  }
}

interface Named {
  readonly address: Address
  readonly vote: number
}

/** From names and values by turns. */
function masterIn(reply: unknown): Named {
  const words = Array.isArray(reply) ? reply.map(String) : []
  const after = (name: string) => words[words.indexOf(name) + 1] ?? ''
  return {
    address: { host: after('ip'), port: Number(after('port')) },
    vote: Number(after('config-epoch')),
  }
}

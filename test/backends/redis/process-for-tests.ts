/**
 * A process of its own over the Redis tier, for tests that stop it: it answers each message with what it reads of row 1,
 * whose value upstream is in the key `upstream` of that Redis.
 */
import { systemClock } from '../../../src/clock.ts'
import { askRedis } from '../../support/servers/redis.ts'
import { cacheOver, openForTest } from './redis-for-tests.ts'

const port = Number(process.argv[2])
const { backend } = openForTest({ port }, { clock: systemClock })
const upstream = async () => Number(await askRedis(`redis://127.0.0.1:${port}`, 'GET', 'upstream'))
const { read } = cacheOver(backend, upstream)

process.on('message', async () => {
  const { outcome, entry } = await read()
  process.send?.({ outcome, body: entry.body.toString() })
})
// The test is over, or gone.
process.on('disconnect', () => process.exit())

/**
 * The steps of the log as scripts that Redis runs, each as one.
 *
 * One hash holds all that must be lost together (rule 6): `epoch`, `run` (the Redis that the epoch is bound to), `head`,
 * `opens` (when the epoch opens, ms by Redis's clock), `members` (JSON: name to when it is forgotten, what it has
 * applied, and what it had to apply when it joined), `cursor`, `fence`, `holder` and `held` (of the follower's lease).
 * The changes are a stream of the epoch's own, beside the hash in the same slot, with ids `<seq>-0`.
 *
 * Every script but `enter` refuses when the epoch is another, or Redis is not the one it is bound to. That is named by
 * its `run_id`, which is new after a restart, and its `master_replid`, which is new after each promotion: a master that
 * was replaced and came back may have lost the end of the log, and does not know it. (The latter is also new when the
 * first replica comes, and an hour after the last has gone: a new epoch too many.)
 *
 * All go on when Redis is out of memory and evicts nothing: the log is small, and without it nothing could be answered
 * from cache.
 *
 * Cost: about 50 µs of Redis's time for a step while ten processes share it, a fifth of that to learn who it is.
 */

/** The key of the hash. The braces keep hash and streams in one slot of a cluster. */
export function logKey(prefix: string): string {
  return `${prefix}:{log}`
}

const now = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local info = redis.call('INFO', 'server', 'replication')
local run = string.match(info, 'run_id:(%w+)') .. ':' .. string.match(info, 'master_replid:(%w+)')
local function int(number) return string.format('%.0f', number) end`

/** KEYS: hash, stream. ARGV[1]: the epoch that the caller is in. */
const guard = `${now}
local known = redis.call('HMGET', KEYS[1], 'epoch', 'run', 'head', 'opens')
if known[1] ~= ARGV[1] or known[2] ~= run then return redis.error_reply('EPOCH ' .. (known[1] or 'none')) end
local head = tonumber(known[3])
local opensIn = math.max(0, tonumber(known[4]) - now)
local function members()
  local all, live, count = cjson.decode(redis.call('HGET', KEYS[1], 'members') or '{}'), {}, 0
  for name, member in pairs(all) do
    if member.till > now then live[name] = member count = count + 1 end
  end
  return live, count
end
local function keep(live, count)
  redis.call('HSET', KEYS[1], 'members', count == 0 and '{}' or cjson.encode(live))
end`

const writes = '#!lua flags=allow-oom'
const reads = '#!lua flags=no-writes'

export const logScripts = {
  /**
   * KEYS: hash. ARGV: new epoch, quarantine ms, prefix of streams, known epoch, known seq.
   * Gives epoch, head, coverage, ms until it opens.
   */
  enter: `${writes}
${now}
local epoch, bound, head, opens = unpack(redis.call('HMGET', KEYS[1], 'epoch', 'run', 'head', 'opens'))
local lost = epoch and epoch == ARGV[4] and tonumber(head) < tonumber(ARGV[5])
if not epoch or bound ~= run or lost then
  local cursor, fence = unpack(redis.call('HMGET', KEYS[1], 'cursor', 'fence'))
  -- The streams of what is over; also of what was evicted without them.
  for _, over in ipairs({epoch or '', ARGV[4]}) do redis.call('UNLINK', ARGV[3] .. over) end
  redis.call('DEL', KEYS[1])
  -- Greater than any before it that is known of.
  local highest = math.max(tonumber(head or 0), tonumber(ARGV[5]))
  epoch, head, opens = ARGV[1], int(math.max(now, highest + 1)), now + tonumber(ARGV[2])
  redis.call('HSET', KEYS[1], 'epoch', epoch, 'run', run, 'head', head, 'opens', int(opens), 'members', '{}', 'fence', fence or 0)
  if cursor then redis.call('HSET', KEYS[1], 'cursor', cursor) end
end
local first = redis.call('XRANGE', ARGV[3] .. epoch, '-', '+', 'COUNT', 1)[1]
local coverage = first and tonumber(string.match(first[1], '^(%d+)')) - 1 or tonumber(head)
return {epoch, head, int(coverage), int(math.max(0, tonumber(opens) - now))}`,

  /**
   * ARGV: epoch, most changes kept, channel, fence or '', cursor, when, then the changes. Gives the head.
   * A change is told to the channel, so that those who wait need not ask.
   */
  append: `${writes}
${guard}
if ARGV[4] ~= '' then
  local fence = tonumber(redis.call('HGET', KEYS[1], 'fence'))
  if tonumber(ARGV[4]) < fence then return redis.error_reply('FENCED ' .. int(fence)) end
  redis.call('HSET', KEYS[1], 'fence', ARGV[4], 'cursor', ARGV[5])
end
for i = 7, #ARGV do
  head = head + 1
  redis.call('XADD', KEYS[2], 'MAXLEN', '~', ARGV[2], int(head) .. '-0', 'c', ARGV[i], 'at', ARGV[6])
end
if #ARGV > 6 then
  redis.call('HSET', KEYS[1], 'head', int(head))
  redis.call('PUBLISH', ARGV[3], int(head))
end
return int(head)`,

  /** ARGV: epoch, after, limit. Gives by turns: id, change, when. */
  read: `${reads}
${guard}
local found = {}
for _, entry in ipairs(redis.call('XRANGE', KEYS[2], '(' .. ARGV[2] .. '-0', '+', 'COUNT', ARGV[3])) do
  found[#found + 1] = entry[1]
  found[#found + 1] = entry[2][2]
  found[#found + 1] = entry[2][4] or '0'
end
return found`,

  /** ARGV: epoch, member, applied, forget after ms. Gives head, ms until open, 1 if it was no member, members. */
  renew: `${writes}
${guard}
local live, count = members()
local before, applied = live[ARGV[2]], tonumber(ARGV[3])
-- Kept, so that it is said again until it is heeded: the answer that said it first may have been lost.
local needed = before and (before.needed or 0) or head
live[ARGV[2]] = {till = now + tonumber(ARGV[4]), applied = applied, needed = needed}
if not before then count = count + 1 end
keep(live, count)
return {int(head), int(opensIn), (not before or applied < needed) and 1 or 0, count}`,

  /** ARGV: epoch, seq. Gives how many members have not applied it. */
  behind: `${reads}
${guard}
local behind = opensIn > 0 and 1 or 0
for _, member in pairs((members())) do
  if member.applied < tonumber(ARGV[2]) then behind = behind + 1 end
end
return behind`,

  /** ARGV: epoch, member. */
  leave: `${writes}
${guard}
local live, count = members()
if live[ARGV[2]] then live[ARGV[2]] = nil count = count - 1 end
keep(live, count)
return 1`,

  /** For WAIT: writes something, so that it is known which replicas have all that was written before. */
  prove: `${writes}
${guard}
redis.call('HSET', KEYS[1], 'proved', now)
return 1`,

  cursor: `${reads}
${guard}
return redis.call('HGET', KEYS[1], 'cursor')`,

  /** ARGV: epoch, member, hold ms. Gives the fence, or nothing if another holds the lease. */
  acquire: `${writes}
${guard}
local holder, held, fence = unpack(redis.call('HMGET', KEYS[1], 'holder', 'held', 'fence'))
local isHeld = holder and tonumber(held) > now
if isHeld and holder ~= ARGV[2] then return false end
if not isHeld then fence = redis.call('HINCRBY', KEYS[1], 'fence', 1) end
redis.call('HSET', KEYS[1], 'holder', ARGV[2], 'held', int(now + tonumber(ARGV[3])))
return tonumber(fence)`,

  /** ARGV: epoch, member. */
  release: `${writes}
${guard}
if redis.call('HGET', KEYS[1], 'holder') == ARGV[2] then redis.call('HSET', KEYS[1], 'held', 0) end
return 1`,
} as const

export type LogScript = keyof typeof logScripts

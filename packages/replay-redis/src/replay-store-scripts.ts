import { redisScript } from './redis-script.js';

/*
 * Keys: the position, its lock, and the keys that a script documents. Scripts answer only with texts, because an option
 * of ioredis decides how numbers are returned.
 */

/**
 * Whether a lock is held, identified by its token. An expired lock is taken again where nobody can have used the
 * position since: a process that locks a position puts its own token into it.
 */
const HOLDS_LOCK = `
local function holds_lock(current, token, ttl)
  local holder = redis.call('GET', KEYS[2])
  if holder == token then return true end
  if holder then return false end
  if current and string.match(current, '^1[it] %d+ (%S+) ') ~= token then return false end
  redis.call('SET', KEYS[2], token, 'PX', ttl)
  return true
end
`;

/** Reads from the master, even where ioredis is configured to read from replicas, which may lag. */
export const LOAD = redisScript(`return redis.call('GET', KEYS[1])`);

/** Restores a lost position, with the lock's token, kind and text, unless there is one again; then reads. */
export const RESTORE = redisScript(`
local token, kind, text = unpack(ARGV)
if token == '' then token = '-' end
redis.call('SET', KEYS[1], '1' .. kind .. ' 0 ' .. token .. ' ' .. text, 'NX')
return redis.call('GET', KEYS[1])
`);

/**
 * Saves. Arguments: the fencing token, the lock's token and its time to live, the position's kind and text, how often
 * to record a mark, and for how long. Tokens are empty where there are none.
 */
export const SAVE = redisScript(`
${HOLDS_LOCK}
local fence, token, ttl, kind, text, every, keep = unpack(ARGV)
local current = redis.call('GET', KEYS[1])
local seen = '0'
if current then
  seen = string.match(current, '^1[it] (%d+) %S+ %S+$')
  if not seen then return 'corrupted' end
end
if fence ~= '' then
  if tonumber(fence) < tonumber(seen) then return 'fenced' end
  seen = fence
  token = ''
elseif token ~= '' and not holds_lock(current, token, ttl) then
  return 'lost'
end
if token == '' then token = '-' end
redis.call('SET', KEYS[1], '1' .. kind .. ' ' .. seen .. ' ' .. token .. ' ' .. text)
if every == '' or kind ~= 'i' then return 'saved' end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local last = tonumber(redis.call('ZREVRANGE', KEYS[3], 0, 0, 'WITHSCORES')[2])
if not last or now < last or now - last >= tonumber(every) then
  redis.call('ZADD', KEYS[3], 'NX', string.format('%.0f', now), text)
  redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', string.format('%.0f', now - keep))
end
return 'saved'
`);

/**
 * Deletes the position and its history. Arguments: the lock's token, empty where there is none, and its time to live.
 */
export const DELETE = redisScript(`
${HOLDS_LOCK}
local token, ttl = unpack(ARGV)
if token ~= '' and not holds_lock(redis.call('GET', KEYS[1]), token, ttl) then return 'lost' end
redis.call('DEL', KEYS[1], KEYS[3])
return 'deleted'
`);

/** The newest mark of the history in the first key that is not younger than the argument. */
export const REACHED = redisScript(`
return redis.call('ZREVRANGEBYSCORE', KEYS[1], ARGV[1], '-inf', 'LIMIT', 0, 1)[1]
`);

/**
 * Locks, for the time to live in the second argument, with the token in the first. The third key is the lease;
 * subscriptions with a lease do not lock. Answers with the holder that prevents the lock and, by the clock of Redis,
 * until when.
 */
export const LOCK = redisScript(`
local holder = redis.call('GET', KEYS[2])
if holder then
  local time = redis.call('TIME')
  local untilMs = time[1] * 1000 + math.floor(time[2] / 1000) + redis.call('PTTL', KEYS[2])
  return {'locked', holder, string.format('%.0f', untilMs)}
end
if redis.call('EXISTS', KEYS[3]) == 1 then return {'leased', '', ''} end
local current = redis.call('GET', KEYS[1])
if current then
  local stamped = string.gsub(current, '^(1[it] %d+) %S+ ', '%1 ' .. ARGV[1] .. ' ')
  redis.call('SET', KEYS[1], stamped)
end
redis.call('SET', KEYS[2], ARGV[1], 'PX', ARGV[2])
return {'done', '', ''}
`);

/** Renews a lock for its time to live. */
export const RENEW_LOCK = redisScript(`
${HOLDS_LOCK}
local token, ttl = unpack(ARGV)
if not holds_lock(redis.call('GET', KEYS[1]), token, ttl) then return 'lost' end
redis.call('PEXPIRE', KEYS[2], ttl)
return 'held'
`);

/** Deletes the second key where it holds the argument. */
export const UNLOCK = redisScript(`
if redis.call('GET', KEYS[2]) == ARGV[1] then redis.call('DEL', KEYS[2]) end
return 'done'
`);

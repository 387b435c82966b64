import { redisScript } from './redis-script.js';

/*
 * A log has a hash with its number of partitions, and one with its schemas. Each topic has a hash with its state, and
 * each of its partitions a stream with the entries and a hash with the positions of groups. All keys of a topic are in
 * one slot.
 *
 * State: `fence` and `last` (the key of the entry that was added last) of the topic; of partition 7 `7:top` and
 * `7:gone` (the ids of the newest entry and of the newest that was dropped) and `7:count` (how many were ever added).
 *
 * Scripts answer only with texts, because an option of ioredis decides how numbers are returned.
 */

/** Compares ids of streams. */
const IDS = `
local function parts(id)
  local ms, seq = string.match(id, '^(%d+)-(%d+)$')
  return tonumber(ms), tonumber(seq)
end
local function is_before(one, other)
  local ms, seq = parts(one)
  local otherMs, otherSeq = parts(other)
  return ms < otherMs or (ms == otherMs and seq < otherSeq)
end
`;

/** Makes a log with so many partitions, where it is not there. Answers with how many it has. */
export const OPEN_LOG = redisScript(`
if ARGV[1] ~= '' then redis.call('HSETNX', KEYS[1], 'partitions', ARGV[1]) end
return redis.call('HGET', KEYS[1], 'partitions') or ''
`);

/** Keeps a schema, unless one of its id is there. */
export const PUT_SCHEMA = redisScript(`
redis.call('HSETNX', KEYS[1], ARGV[1], ARGV[2])
return 'kept'
`);

/** Reads a schema from the master, even where ioredis is configured to read from replicas. */
export const GET_SCHEMA = redisScript(`return redis.call('HGET', KEYS[1], ARGV[1])`);

/**
 * Appends entries, those left out that are there. Keys: the state; then for each partition that gets any its stream and
 * its groups. Arguments: the fence, the key of the entry that the writer added last (empty where it does not know),
 * whether to look for entries that are there, the most entries of a partition, how long entries are kept; then for each
 * entry the number of its partition among the keys, that of the partition, its key, id, replay id, schema, payload,
 * headers and mark.
 *
 * Answers with what was done, the key of the entry that was added last by anyone, and how many were added; then for
 * each partition whose entries were dropped unread its number, the group that is farthest behind (empty where there is
 * none), and how many they were.
 */
export const APPEND = redisScript(`
${IDS}
local FIRST, WIDTH, RECENT, MOST_SEQ = 6, 9, 1000, 1048575
local fence, last, look, most, keepMs = unpack(ARGV, 1, 5)
local state = KEYS[1]
local known = redis.call('HGET', state, 'fence') or '0'
if fence ~= '' and tonumber(fence) < tonumber(known) then return {'fenced', '', '0'} end

local newest = redis.call('HGET', state, 'last') or ''
local isElsewhere = last ~= '' and last ~= newest
local there = {}
local function is_there(place, key)
  if look ~= '1' and not isElsewhere then return false end
  if not there[place] then
    local keys = {}
    for _, entry in ipairs(redis.call('XREVRANGE', KEYS[place * 2], '+', '-', 'COUNT', RECENT)) do
      local fields = entry[2]
      keys[fields[4] .. ' ' .. fields[2]] = true
    end
    there[place] = keys
  end
  return there[place][key]
end
if isElsewhere and not is_there(tonumber(ARGV[FIRST]), ARGV[FIRST + 2]) then return {'gap', newest, '0'} end

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function next_id(top)
  local ms, seq = parts(top)
  if now > ms then return string.format('%.0f-0', now) end
  if seq < MOST_SEQ then return string.format('%.0f-%.0f', ms, seq + 1) end
  return string.format('%.0f-0', ms + 1)
end

local added, touched = 0, {}
for at = FIRST, #ARGV, WIDTH do
  local place, partition, key, id, origin, schema, payload, headers, mark = unpack(ARGV, at, at + WIDTH - 1)
  place = tonumber(place)
  if not is_there(place, key) then
    local top = next_id(redis.call('HGET', state, partition .. ':top') or '0-0')
    local count = redis.call('HINCRBY', state, partition .. ':count', 1)
    redis.call('XADD', KEYS[place * 2], top, 'i', id, 'r', origin, 's', schema, 'p', payload, 'h', headers, 'm', mark, 'n', count)
    redis.call('HSET', state, partition .. ':top', top)
    added = added + 1
    newest = partition .. ' ' .. key
    touched[place] = partition
  end
end
if fence ~= '' then redis.call('HSET', state, 'fence', fence) end
if added > 0 then redis.call('HSET', state, 'last', newest) end

local answer = {'done', newest, string.format('%.0f', added)}
local function slowest(place)
  local id, group
  local found = redis.call('HGETALL', KEYS[place * 2 + 1])
  for at = 1, #found, 2 do
    if not id or is_before(found[at + 1], id) then group, id = found[at], found[at + 1] end
  end
  return id, group
end
local function drop(place, partition, newestGone)
  local stream, gone = KEYS[place * 2], newestGone[1]
  local id, group = slowest(place)
  if not id or is_before(id, gone) then
    local oldest = redis.call('XRANGE', stream, id and '(' .. id or '-', '+', 'COUNT', 1)[1]
    local unread = newestGone[2][14] - oldest[2][14] + 1
    for _, each in ipairs({partition, group or '', string.format('%.0f', unread)}) do table.insert(answer, each) end
  end
  redis.call('HSET', state, partition .. ':gone', gone)
  local ms, seq = parts(gone)
  redis.call('XTRIM', stream, 'MINID', '=', string.format('%.0f-%.0f', ms, seq + 1))
end
for place, partition in pairs(touched) do
  local stream = KEYS[place * 2]
  local excess = redis.call('XLEN', stream) - most
  if excess > 0 then
    local oldest = redis.call('XRANGE', stream, '-', '+', 'COUNT', excess)
    drop(place, partition, oldest[#oldest])
  end
  local bound = string.format('%.0f-0', math.max(0, now - keepMs))
  local first = redis.call('XRANGE', stream, '-', '+', 'COUNT', 1)[1]
  if first and is_before(first[1], bound) then
    local id = slowest(place)
    if id and is_before(id, bound) then
      local ms, seq = parts(id)
      bound = string.format('%.0f-%.0f', ms, seq + 1)
    end
    local old = redis.call('XREVRANGE', stream, '(' .. bound, '-', 'COUNT', 1)[1]
    if old then drop(place, partition, old) end
  end
end
return answer
`);

/**
 * Reads entries after an id, at most so many. Keys: the state, the stream. Arguments: the partition, the id (or
 * `earliest`, `latest`), how many. Answers with what is wrong with the id, if anything, the id that was read after, the
 * id of the newest entry, the entries, and for `earliest` how many entries were dropped.
 */
export const READ = redisScript(`
${IDS}
local partition, from, most = unpack(ARGV)
local top = redis.call('HGET', KEYS[1], partition .. ':top') or '0-0'
local gone = redis.call('HGET', KEYS[1], partition .. ':gone') or '0-0'
local dropped = 0
if from == 'earliest' then
  from = gone
  local first = redis.call('XRANGE', KEYS[2], '-', '+', 'COUNT', 1)[1]
  if first then dropped = first[2][14] - 1 end
elseif from == 'latest' then
  from = top
end
if is_before(from, gone) then return {'dropped', from, top, {}} end
if is_before(top, from) then return {'beyond', from, top, {}} end
local isIdle = most == '0' or from == top
local entries = isIdle and {} or redis.call('XRANGE', KEYS[2], '(' .. from, '+', 'COUNT', most)
return {'read', from, top, entries, string.format('%.0f', dropped)}
`);

/**
 * How far an id is from the end. Keys: the state, the stream. Arguments: the partition, the id. Answers with the number
 * of the newest entry, and the number and the id of the first after the id; both empty where there is none.
 */
export const LAG = redisScript(`
local count = redis.call('HGET', KEYS[1], ARGV[1] .. ':count') or '0'
local first = redis.call('XRANGE', KEYS[2], '(' .. ARGV[2], '+', 'COUNT', 1)[1]
if not first then return {count, '', ''} end
return {count, first[2][14], first[1]}
`);

/** Notes the position of a group. */
export const REACHED_BY_GROUP = redisScript(`
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
return 'noted'
`);

/**
 * Joins a group, or stays in it, for the time to live in the second argument. Drops members whose time is over. Answers
 * with all members.
 */
export const JOIN = redisScript(`
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', now))
redis.call('ZADD', KEYS[1], string.format('%.0f', now + ARGV[2]), ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return redis.call('ZRANGE', KEYS[1], 0, -1)
`);

/** Leaves a group. */
export const LEAVE = redisScript(`
redis.call('ZREM', KEYS[1], ARGV[1])
return 'left'
`);

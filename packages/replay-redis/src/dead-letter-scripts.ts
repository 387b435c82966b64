import { redisScript } from './redis-script.js';

/*
 * A queue has three keys, in this order:
 *
 * - a stream, with an entry for each letter: its id and its text. The consumer group `redrive` has claims on entries:
 *   the taker of a letter, and the time of the claim. Only its pending list has this information.
 * - a hash, which maps a letter's id to its current entry, and to the first entry since the id is kept.
 * - a sorted set: the entries by the time of the last failure. A stream has only the order in which letters were put.
 *
 * The hash and the set name an entry by its id with leading zeros ("place"), so that places sort as texts in the order
 * in which entries sort as numbers. Each script documents its arguments. All scripts answer with texts, the first of
 * which says what happened.
 */

const KEYS = `
local stream, places, order = unpack(KEYS)
local GROUP = 'redrive'
`;

/**
 * Reads all keys before anything is written, because the writes of a script stay when it fails later. So a key of
 * another type is found here; a deleted key is found by the sizes.
 */
const CHECKED = `
${KEYS}
local depth = redis.call('ZCARD', order)
if redis.call('XLEN', stream) ~= depth or redis.call('HLEN', places) ~= depth then return {'damaged'} end
`;

const PLACES = `
local function padded(digits, width) return string.rep('0', width - #digits) .. digits end
local function place_of(entry)
  local time, count = string.match(entry, '^(%d+)%-(%d+)$')
  return padded(time, 15) .. '-' .. padded(count, 10)
end
local function entry_at(place) return (string.gsub(place, '^0*(%d+)%-0*(%d+)$', '%1-%2')) end
local function letter_at(place)
  local entry = entry_at(place)
  local found = redis.call('XRANGE', stream, entry, entry)[1]
  return found and found[2][2], found and found[2][4]
end
local function place_by(id)
  return string.match(redis.call('HGET', places, id) or '', '^(%S+) (%S+)$')
end
local function forget(id)
  local place, since = place_by(id)
  if not place then return nil end
  redis.call('XACK', stream, GROUP, entry_at(place))
  redis.call('XDEL', stream, entry_at(place))
  redis.call('ZREM', order, place)
  redis.call('HDEL', places, id)
  return since
end
`;

/** How many letters there are up to a place. A binary search handles letters that failed at the same time. */
const RANK = `
local function rank_after(failed_at, place)
  if place == '' then return 0 end
  local low = redis.call('ZCOUNT', order, '-inf', '(' .. failed_at)
  local high = redis.call('ZCOUNT', order, '-inf', failed_at)
  while low < high do
    local middle = math.floor((low + high) / 2)
    if redis.call('ZRANGE', order, middle, middle)[1] > place then high = middle else low = middle + 1 end
  end
  return low
end
`;

const CLAIMS = `
local function is_claimed_by(consumer, entry)
  local claims = redis.pcall('XPENDING', stream, GROUP, entry, entry, 1, consumer)
  return not claims.err and #claims > 0
end
`;

/**
 * Puts letters, all or none. Arguments: the most letters or nothing, then the id, the time and the text of each. The
 * group is made together with the stream: a full Redis would refuse it later, when letters must be taken to make room.
 */
export const PUT = redisScript(`
${CHECKED}
${PLACES}
local new = 0
for i = 2, #ARGV, 3 do new = new + 1 - redis.call('HEXISTS', places, ARGV[i]) end
local most = tonumber(ARGV[1])
if most and new > 0 and depth + new > most then return {'full', tostring(depth), tostring(new)} end
if #ARGV > 1 and redis.call('EXISTS', stream) == 0 then
  redis.call('XGROUP', 'CREATE', stream, GROUP, '0', 'MKSTREAM')
end
for i = 2, #ARGV, 3 do
  local id, failed_at, text = ARGV[i], ARGV[i + 1], ARGV[i + 2]
  local place = place_of(redis.call('XADD', stream, '*', 'id', id, 'letter', text))
  local since = forget(id) or place
  redis.call('HSET', places, id, place .. ' ' .. since)
  redis.call('ZADD', order, failed_at, place)
end
return {'done'}
`);

/**
 * Reads the letters after a place. Arguments: its time and the place itself, or nothing and nothing; the most letters;
 * the bytes after which the page ends. Answers with the place that was put last, when no place was given, and for each
 * letter with its time, place, id, the first place of the id, and text.
 */
export const LIST = redisScript(`
${CHECKED}
${PLACES}
${RANK}
local failed_at, after, most, enough = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
local last = after == '' and redis.call('XREVRANGE', stream, '+', '-', 'COUNT', 1)[1]
local answer = {'page', last and place_of(last[1]) or ''}
local first = rank_after(failed_at, after)
local found = redis.call('ZRANGE', order, first, first + most - 1, 'WITHSCORES')
local bytes = 0
for i = 1, #found, 2 do
  local id, text = letter_at(found[i])
  if not id then return {'damaged'} end
  local _, since = place_by(id)
  for _, part in ipairs({found[i + 1], found[i], id, since or '', text}) do answer[#answer + 1] = part end
  bytes = bytes + #text
  if bytes >= enough then break end
end
return answer
`);

/**
 * Claims letters after a place that nobody else has claimed within a time. Arguments: the consumer; that time in
 * milliseconds; the time before which letters must have failed; the time of the place and the place itself, or nothing
 * and nothing; the most letters; the bytes after which the page ends; how many letters are examined at most. Answers
 * with the time and the place after which to continue, if there may be more, and for each letter with its id and text.
 *
 * Each process makes a new consumer name, so consumers without letters are deleted.
 */
export const TAKE = redisScript(`
${CHECKED}
${PLACES}
${RANK}
local consumer, idle, before, failed_at, after = unpack(ARGV)
local most, enough, looks = tonumber(ARGV[6]), tonumber(ARGV[7]), tonumber(ARGV[8])
local rank, stop = rank_after(failed_at, after), redis.call('ZCOUNT', order, '-inf', '(' .. before)
local answer = {'page', '', ''}
if rank >= stop then return answer end
local consumers = redis.pcall('XINFO', 'CONSUMERS', stream, GROUP)
if consumers.err then
  redis.call('XGROUP', 'CREATE', stream, GROUP, '0')
  consumers = {}
end
for _, other in ipairs(consumers) do
  if other[2] ~= consumer and other[4] == 0 then redis.call('XGROUP', 'DELCONSUMER', stream, GROUP, other[2]) end
end
local bytes, taken, last = 0, 0, {}
while rank < stop and taken < most and bytes < enough and looks > 0 do
  last = redis.call('ZRANGE', order, rank, rank, 'WITHSCORES')
  local claimed = redis.call('XCLAIM', stream, GROUP, consumer, idle, entry_at(last[1]), 'FORCE')[1]
  if claimed then
    answer[#answer + 1] = claimed[2][2]
    answer[#answer + 1] = claimed[2][4]
    bytes = bytes + #claimed[2][4]
    taken = taken + 1
  end
  rank, looks = rank + 1, looks - 1
end
if rank < stop then answer[2], answer[3] = last[2], last[1] end
return answer
`);

/** Ends claims of a consumer. Arguments: the consumer, then ids. */
export const RELEASE = redisScript(`
${CHECKED}
${PLACES}
${CLAIMS}
for i = 2, #ARGV do
  local place = place_by(ARGV[i])
  local entry = place and entry_at(place)
  if entry and is_claimed_by(ARGV[1], entry) then redis.call('XACK', stream, GROUP, entry) end
end
return {'done'}
`);

/** Renews claims of a consumer. Arguments: the consumer, then ids. Answers with the ids that it has no claim on. */
export const RENEW = redisScript(`
${CHECKED}
${PLACES}
${CLAIMS}
local answer = {'lost'}
for i = 2, #ARGV do
  local place = place_by(ARGV[i])
  local entry = place and entry_at(place)
  if entry and is_claimed_by(ARGV[1], entry) then
    redis.call('XCLAIM', stream, GROUP, ARGV[1], 0, entry, 'JUSTID')
  else
    answer[#answer + 1] = ARGV[i]
  end
end
return answer
`);

/** Removes letters. Arguments: ids. */
export const REMOVE = redisScript(`
${CHECKED}
${PLACES}
for _, id in ipairs(ARGV) do forget(id) end
return {'done'}
`);

/** Removes letters that failed before a time. Arguments: the time; the most letters. Answers with their number. */
export const PURGE = redisScript(`
${CHECKED}
${PLACES}
local found = redis.call('ZRANGE', order, '-inf', '(' .. ARGV[1], 'BYSCORE', 'LIMIT', 0, ARGV[2])
for _, place in ipairs(found) do
  local id = letter_at(place)
  if not id then return {'damaged'} end
  forget(id)
end
return {'purged', tostring(#found)}
`);

/**
 * Deletes all keys, even where one of them is missing, but not where one has another type. Answers with the number of
 * letters.
 */
export const PURGE_ALL = redisScript(`
${KEYS}
local counts = {redis.call('XLEN', stream), redis.call('HLEN', places), redis.call('ZCARD', order)}
redis.call('UNLINK', stream, places, order)
return {'purged', tostring(math.max(unpack(counts)))}
`);

/** Counts the letters. */
export const DEPTH = redisScript(`
${CHECKED}
return {'depth', tostring(depth)}
`);

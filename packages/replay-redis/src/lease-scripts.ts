import { redisScript } from './redis-script.js';

/**
 * Takes the lease in the first key, if nobody has it, for the owner and the time to live in the arguments. The second
 * key is the last token. The third is the position, which has the token it was saved with. The fourth is the lock of
 * subscriptions without a lease. The script puts the token into the position, so that earlier holders can no longer
 * save. Answers with the token; `0` while another owner has the lease.
 */
export const ACQUIRE = redisScript(`
if redis.call('EXISTS', KEYS[1]) == 1 or redis.call('EXISTS', KEYS[4]) == 1 then return '0' end
local time = redis.call('TIME')
local token = time[1] * 1000 + math.floor(time[2] / 1000)
local position = redis.pcall('GET', KEYS[3])
local saved = type(position) == 'string' and string.match(position, '^1[it] (%d+) ') or '0'
token = math.max(token, (tonumber(redis.call('GET', KEYS[2]) or '0') or 0) + 1, tonumber(saved) + 1)
local text = string.format('%.0f', token)
redis.call('SET', KEYS[2], text)
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
if type(position) == 'string' then
  redis.call('SET', KEYS[3], (string.gsub(position, '^(1[it]) %d+ ', '%1 ' .. text .. ' ')))
end
return text
`);

/** Renews the lease for its time to live, if the owner in the first argument has it. */
export const RENEW = redisScript(`
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 'lost' end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 'held'
`);

/** Deletes the lease, if the owner in the argument has it. */
export const GIVE_UP = redisScript(`
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
return 'done'
`);

import { createHash } from 'node:crypto';

/** A Lua script, which Redis runs as one atomic step. */
export interface RedisScript {
  readonly lua: string;
  /** The hash by which Redis knows the script after it has seen it. */
  readonly sha: string;
}

/** Makes a script from its text. */
export function redisScript(lua: string): RedisScript {
  const text = lua.trim();
  return { lua: text, sha: createHash('sha1').update(text).digest('hex') };
}

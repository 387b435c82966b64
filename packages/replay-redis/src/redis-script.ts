import { createHash } from 'node:crypto';

/** A Lua script, which Redis runs as one step that nothing comes between. */
export interface RedisScript {
  readonly lua: string;
  /** By which Redis knows it once it has seen it. */
  readonly sha: string;
}

/** Makes a script of its text. */
export function redisScript(lua: string): RedisScript {
  const text = lua.trim();
  return { lua: text, sha: createHash('sha1').update(text).digest('hex') };
}

import { ConfigurationError } from '@rxforce/core/model';
import { decoded } from './decoded.js';

/**
 * The options of a connection to Redis.
 *
 * @param setting - The setting that the URL is from, for messages.
 * @throws `ConfigurationError` when it is no URL of Redis.
 */
export function connectionOf(text: string, setting = 'redis.url') {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'redis:' && url?.protocol !== 'rediss:') {
    throw new ConfigurationError(
      `${setting} must be such as redis://user:password@host:6379/0, or begin with rediss://.`,
    );
  }
  return {
    host: url.hostname,
    port: Number(url.port === '' ? 6379 : url.port),
    ...(url.username !== '' && { username: decoded(url.username) }),
    ...(url.password !== '' && { password: decoded(url.password) }),
    db: Number(url.pathname.slice(1)) || 0,
    ...(url.protocol === 'rediss:' && { tls: {} }),
  };
}

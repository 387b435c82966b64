import { ConfigurationError, ReplayId, type ReplayFrom } from '@rxforce/core';

/**
 * Where to begin: `latest`, `earliest`, a time, or a replay id.
 *
 * @throws `ConfigurationError` when it is none of these.
 */
export function replayFromOf(text: string): ReplayFrom {
  if (text === 'latest' || text === 'earliest') return text;
  if (/^\d{4}-\d{2}-\d{2}(T[\d:.]+(Z|[+-]\d{2}:?\d{2})?)?$/.test(text)) {
    const time = new Date(text);
    if (!Number.isNaN(time.getTime())) return time;
  }
  const id = replayIdIn(text);
  if (id) return id;
  throw new ConfigurationError(
    'must be latest, earliest, a time such as 2026-01-31T12:00:00Z, or a replay id in base64.',
  );
}

/** The service's ids have ten bytes, and those of logs eight or more: a word may be base64, too. */
const LEAST_BYTES = 8;

function replayIdIn(text: string): ReplayId | undefined {
  try {
    const id = ReplayId.parse(text);
    return id.toBytes().length < LEAST_BYTES ? undefined : id;
  } catch {
    return undefined;
  }
}

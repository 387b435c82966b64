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
  try {
    return ReplayId.parse(text);
  } catch (cause) {
    throw new ConfigurationError(
      'must be latest, earliest, a time such as 2026-01-31T12:00:00Z, or a replay id in base64.',
      { cause },
    );
  }
}

import type { ObservableInput } from 'rxjs';
import { resolveDemandOptions, type DemandOptions } from '../flow/demand.js';
import { ConfigurationError, type DecodeError } from '../model/errors.js';
import type { UndecodableEvent } from '../model/events.js';
import { ReplayId } from '../model/replay-id.js';

/** How a subscription behaves. */
export interface SubscribeOptions {
  /**
   * Where to start: `'latest'` for events from now on, `'earliest'` for all that the service keeps (72 hours), or a
   * replay id for all after that.
   *
   * @defaultValue `'latest'`
   */
  readonly replay?: 'latest' | 'earliest' | ReplayId;
  /**
   * Most events that are asked for or unsettled at any time; at least 1. It bounds memory, and how much comes again after
   * a crash. The service has at most 100 outstanding: with more, events are fetched while others are worked on.
   *
   * @defaultValue 200
   */
  readonly window?: number;
  /**
   * How many events of the window must be free before more is asked for; 1 to `window`. Smaller keeps the stream fuller
   * over slow networks, larger makes fewer requests.
   *
   * @defaultValue a quarter of `window`, and 50 at most
   */
  readonly refillAt?: number;
  /**
   * Gets every event that cannot be decoded, as it came; the event counts as settled once the function returned, or once
   * what it returns has completed. If it throws or errors, so does the stream.
   *
   * @defaultValue none: such an event errors the stream with a `DecodeError`
   */
  // eslint-disable-next-line @typescript-eslint/no-invalid-void-type -- a handler may just return
  readonly onUndecodable?: (event: UndecodableEvent, error: DecodeError) => ObservableInput<unknown> | void;
  /**
   * The fields wanted in `data`, by name; others are left out of it. The header always comes whole.
   *
   * @defaultValue all
   */
  readonly fields?: readonly string[];
  /**
   * What happens when an operator that holds events gets one that was settled before, because an operator upstream kept it
   * without a hold (`delay`, `concatMap`): a crash at that moment would lose it. `'error'` errors the stream with a
   * `SettledEarlyError`, unless others in the same value are held (`withLatestFrom`, `bufferCount`): that warns. `'warn'`
   * only warns, once a subscription. `status$` tells each one.
   *
   * @defaultValue `'error'`
   */
  readonly earlySettlement?: 'error' | 'warn';
}

/** The options, checked and complete. */
export interface ResolvedSubscribeOptions extends Omit<SubscribeOptions, keyof DemandOptions> {
  readonly replay: 'latest' | 'earliest' | ReplayId;
  readonly demand: DemandOptions;
  readonly earlySettlement: 'error' | 'warn';
}

const NAMES: readonly string[] = [
  'replay',
  'window',
  'refillAt',
  'onUndecodable',
  'fields',
  'earlySettlement',
] satisfies (keyof SubscribeOptions)[];

/**
 * Checks the options and fills in the defaults.
 *
 * @throws `ConfigurationError` when one is unknown or out of range.
 */
export function resolveSubscribeOptions(options: SubscribeOptions): ResolvedSubscribeOptions {
  const unknown = Object.keys(options).find((name) => !NAMES.includes(name));
  if (unknown !== undefined) {
    throw new ConfigurationError(`There is no option "${unknown}". The options are ${NAMES.join(', ')}.`);
  }
  const { replay = 'latest', earlySettlement = 'error', fields, onUndecodable } = options;
  if (replay !== 'latest' && replay !== 'earliest' && !(replay instanceof ReplayId)) {
    throw new ConfigurationError(
      `replay is ${String(replay)}, but must be 'latest', 'earliest' or a ReplayId (ReplayId.parse() reads a stored one).`,
    );
  }
  if (!['error', 'warn'].includes(earlySettlement)) {
    throw new ConfigurationError(`earlySettlement is ${earlySettlement}, but must be 'error' or 'warn'.`);
  }
  if (fields !== undefined && !Array.isArray(fields)) {
    throw new ConfigurationError('fields must be an array of field names.');
  }
  if (onUndecodable !== undefined && typeof onUndecodable !== 'function') {
    throw new ConfigurationError('onUndecodable must be a function that takes the event and the error.');
  }
  return {
    replay,
    demand: resolveDemandOptions(options),
    earlySettlement,
    ...(fields && { fields }),
    ...(onUndecodable && { onUndecodable }),
  };
}

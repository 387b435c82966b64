import { ConfigurationError } from '../model/errors.js';
import { checkOptionNames } from '../model/option-names.js';
import { topicOf } from '../model/topic.js';
import { LONGEST_TIMER_MS, wholeNumber } from '../model/whole-number.js';
import { managedName, type ResolvedManaged } from '../position/managed-name.js';
import { resolveReadingOptions, SUBSCRIBE_NAMES, type ReadingOptions, type SubscribeOptions } from './options.js';

/** How a managed subscription behaves. The service keeps its position, so there is no `replay` and no `lease`. */
export interface ManagedOptions extends Omit<SubscribeOptions, 'replay' | 'lease'> {
  /**
   * The topic of the managed subscription, as its record in Salesforce says. Events then name it as their topic. Where
   * the topic is known not to be a custom channel, the last event of a quiet stream is committed at once. On channels
   * with enrichment several events can share one replay id, so a commit must wait for another id or a keepalive.
   *
   * @defaultValue none: events name the topic of their schema, and the topic is taken for a channel
   */
  readonly topic?: string;
  /**
   * Least time between two commits, in milliseconds, from 0. A commit comes sooner when half of the window waits for
   * it.
   *
   * @defaultValue 1_000
   */
  readonly commitIntervalMs?: number;
}

/** The options of a managed subscription, checked and complete. */
export interface ResolvedManagedOptions extends ReadingOptions {
  readonly managed: ResolvedManaged;
}

/** The options whose part the service plays. */
const NOT_ITS_OWN: readonly string[] = ['replay', 'lease'] satisfies (keyof SubscribeOptions)[];

const NAMES: readonly string[] = [
  ...SUBSCRIBE_NAMES.filter((name) => !NOT_ITS_OWN.includes(name)),
  ...Object.keys({ topic: true, commitIntervalMs: true } satisfies Record<
    Exclude<keyof ManagedOptions, keyof SubscribeOptions>,
    true
  >),
];

/**
 * Checks the options and fills in the defaults.
 *
 * @throws `ConfigurationError` when one is unknown or out of range.
 */
export function resolveManagedOptions(idOrName: string, options: ManagedOptions): ResolvedManagedOptions {
  const name = managedName(idOrName);
  const given = NOT_ITS_OWN.find((option) => option in Object(options));
  if (given !== undefined) {
    throw new ConfigurationError(
      `A managed subscription takes no "${given}": the service keeps its position, and lets one client read at a time. Where ` +
        'it starts is set in its record (defaultReplay, errorRecoveryReplay).',
    );
  }
  checkOptionNames(options, NAMES);
  const { topic, commitIntervalMs = 1_000, ...others } = options;
  return {
    ...resolveReadingOptions(others),
    managed: {
      name,
      topic: topic === undefined ? undefined : topicOf(topic),
      commitIntervalMs: wholeNumber('commitIntervalMs', commitIntervalMs, 0, LONGEST_TIMER_MS),
    },
  };
}

import { ConfigurationError } from '../model/errors.js';
import { checkOptionNames } from '../model/option-names.js';
import { eventTopic } from '../model/topic.js';
import { LONGEST_TIMER_MS, wholeNumber } from '../model/whole-number.js';

/** How events are published, request by request or on a stream. */
export interface PublishOptions {
  /**
   * The id of the user who publishes, for the field `CreatedById` of events that do not have it. It must be the user of
   * the session. With another id the event is published, but no trigger or flow of the org receives it.
   *
   * @defaultValue the user of the session
   */
  readonly createdById?: string;
  /**
   * What to do with events whose connection broke before the answer came: nobody knows whether they are published.
   * `'resend'` sends them again, so that they are on the topic at least once, and perhaps twice. `'fail'` gives a
   * `PublishError` with the reason `unknown` for each, so that they are on the topic once or not at all. Events that
   * the service has certainly not taken are sent again in any case.
   *
   * @defaultValue `'resend'`
   */
  readonly onUnknown?: 'resend' | 'fail';
  /**
   * How many calls in a row may fail before the Observable errors with the last one's error; at least 1. Errors that
   * cannot pass end it at once.
   *
   * @defaultValue 5 for `publish`; Infinity for `publisher`: it tries without end, up to 30 seconds apart (120 where
   * the service asks for less), and warns the logger
   */
  readonly maxAttempts?: number;
}

/** How a stream of events is published. */
export interface PublisherOptions extends PublishOptions {
  /**
   * What becomes of an event of a rxforce stream whose result is an `Err` that nobody took. A result is taken by
   * `handle`, `retryWithDLQ`, `publishOrPutAside` or another operator that works, or by a `next` handler of the last
   * subscriber. `'fail'`: the event is not settled, and its stream errors with a `DeliveryFailedError` that says why.
   * `'settle'`: the event counts as done; only `status$` and the logger report the loss. With another source the option
   * changes nothing: results are emitted, and nothing is settled.
   *
   * @defaultValue `'fail'`
   */
  readonly onRefused?: 'fail' | 'settle';
  /**
   * Most events in one request; from 1 to 200.
   *
   * @defaultValue 200
   */
  readonly maxBatchEvents?: number;
  /**
   * Most bytes in one request, all included; from 1 to 4_000_000. An event that is larger by itself is not sent, and
   * its result is a `PublishError` with the reason `too-large`.
   *
   * @defaultValue 3_000_000
   */
  readonly maxBatchBytes?: number;
  /**
   * Most requests that are sent and not answered; at least 1. More of them make up for a slow network. With one, the
   * order is kept even when a request must be sent again because the schema has changed.
   *
   * @defaultValue 4
   */
  readonly maxInFlight?: number;
  /**
   * How long a request that is not full waits for more events while nothing is in flight, in milliseconds, from 0.
   * While something is in flight, events are collected without this wait.
   *
   * @defaultValue 0: the request is sent at once
   */
  readonly lingerMs?: number;
  /**
   * How long an idle stream is kept open, in milliseconds, from 1. The service closes an idle stream at 70 seconds.
   * Another stream is opened for the next event.
   *
   * @defaultValue 60_000
   */
  readonly idleTimeoutMs?: number;
  /**
   * How long the service may take to answer, in milliseconds, from 1. After that the connection counts as dead, and
   * another one is made. The time is then doubled, up to 16 times its first value (at most 2_147_483_647), so that a
   * slow service is not sent the same events without end. The first value applies again as soon as an answer comes
   * within it.
   *
   * @defaultValue 30_000
   */
  readonly answerTimeoutMs?: number;
  /**
   * How many events may be waiting or in flight; at least 1. With one more, the stream errors with a `PublishError`
   * with the reason `overflow`. A stream of rxforce is bounded by its window, but no other source can be slowed.
   *
   * @defaultValue 100_000
   */
  readonly maxBuffered?: number;
}

/** The options, checked and complete. */
export type ResolvedPublisherOptions = Required<Omit<PublisherOptions, 'createdById'>> & {
  readonly createdById: string | undefined;
};

/** The service takes 4 MB, and recommends 3 MB. */
const MAX_REQUEST_BYTES = 4_000_000;
const RECOMMENDED_REQUEST_BYTES = 3_000_000;
/** Most events in one request, as the service recommends. */
const MAX_REQUEST_EVENTS = 200;
/** For calls whose caller waits. */
const PUBLISH_ATTEMPTS = 5;

const PUBLISH_NAMES: readonly string[] = ['createdById', 'onUnknown', 'maxAttempts'] satisfies (keyof PublishOptions)[];

const PUBLISHER_NAMES: readonly string[] = [
  ...PUBLISH_NAMES,
  ...([
    'onRefused',
    'maxBatchEvents',
    'maxBatchBytes',
    'maxInFlight',
    'lingerMs',
    'idleTimeoutMs',
    'answerTimeoutMs',
    'maxBuffered',
  ] satisfies (keyof PublisherOptions)[]),
];

/**
 * Checks the options of `publish`. All its events are there at the start, and its requests go one after the other.
 *
 * @throws `ConfigurationError` when one is unknown or out of range.
 */
export function resolvePublishOptions(options: PublishOptions): ResolvedPublisherOptions {
  checkOptionNames(options, PUBLISH_NAMES, { of: 'publish()' });
  const { maxAttempts = PUBLISH_ATTEMPTS } = options;
  return resolve({ ...options, maxAttempts, maxInFlight: 1 }, Number.MAX_SAFE_INTEGER);
}

/**
 * Checks the options of `publisher`.
 *
 * @throws `ConfigurationError` when one is unknown or out of range.
 */
export function resolvePublisherOptions(options: PublisherOptions): ResolvedPublisherOptions {
  checkOptionNames(options, PUBLISHER_NAMES, { of: 'publisher()' });
  return resolve(options, 100_000);
}

function resolve(options: PublisherOptions, buffered: number): ResolvedPublisherOptions {
  const { createdById, onUnknown = 'resend', onRefused = 'fail', maxAttempts = Infinity, ...limits } = options;
  if (createdById !== undefined && !/^005\w{12}(\w{3})?$/.test(createdById)) {
    throw new ConfigurationError(`createdById is ${JSON.stringify(createdById)}, but must be a user's id ("005…").`);
  }
  if (!['resend', 'fail'].includes(onUnknown)) {
    throw new ConfigurationError(`onUnknown is ${JSON.stringify(onUnknown)}, but must be 'resend' or 'fail'.`);
  }
  if (!['fail', 'settle'].includes(onRefused)) {
    throw new ConfigurationError(`onRefused is ${JSON.stringify(onRefused)}, but must be 'fail' or 'settle'.`);
  }
  return {
    createdById,
    onUnknown,
    onRefused,
    maxAttempts: maxAttempts === Infinity ? Infinity : wholeNumber('maxAttempts', maxAttempts, 1),
    maxBatchEvents: wholeNumber('maxBatchEvents', limits.maxBatchEvents ?? MAX_REQUEST_EVENTS, 1, MAX_REQUEST_EVENTS),
    maxBatchBytes: wholeNumber(
      'maxBatchBytes',
      limits.maxBatchBytes ?? RECOMMENDED_REQUEST_BYTES,
      1,
      MAX_REQUEST_BYTES,
    ),
    maxInFlight: wholeNumber('maxInFlight', limits.maxInFlight ?? 4, 1),
    lingerMs: wholeNumber('lingerMs', limits.lingerMs ?? 0, 0, LONGEST_TIMER_MS),
    idleTimeoutMs: wholeNumber('idleTimeoutMs', limits.idleTimeoutMs ?? 60_000, 1, LONGEST_TIMER_MS),
    answerTimeoutMs: wholeNumber('answerTimeoutMs', limits.answerTimeoutMs ?? 30_000, 1, LONGEST_TIMER_MS),
    maxBuffered: wholeNumber('maxBuffered', limits.maxBuffered ?? buffered, 1),
  };
}

/**
 * Checks the name of a topic to publish to.
 *
 * @throws `ConfigurationError` when it is no topic, or a topic of changes.
 */
export function publishTopic(topic: string): string {
  try {
    return eventTopic(topic);
  } catch {
    throw new ConfigurationError(
      `"${topic}" cannot be published to: only platform events can, whose topics look like "/event/Order__e", or "Order__e" ` +
        'for short. Changes are published by Salesforce itself when records change.',
    );
  }
}

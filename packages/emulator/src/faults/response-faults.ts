import { LONGEST_TIMER_MS } from '@rxforce/core/internal';
import { MOST_OUTSTANDING } from '../flow/subscription.js';
import { type FaultContext, topicOption } from './fault-context.js';
import { type Checks, flag, optional, readOptions, text, wholeNumber } from '../model/option-checks.js';
import type { TopicOptions } from './stream-faults.js';

/** How slow responses are. */
export interface SlowOptions {
  /** How much later every gRPC response is sent, in milliseconds; 0 is at once. */
  readonly responseDelayMs: number;
}

/** Which events are sent again. */
export interface RedeliverOptions extends TopicOptions {
  /** Most events for each stream; at least 1. */
  readonly events: number;
}

/** How events are put into responses. */
export interface ResponsesOptions {
  /**
   * Most events in one response, from 1 to 100.
   *
   * @defaultValue The value that the emulator was started with.
   */
  readonly maxEvents?: number;
  /**
   * Whether events wait, so that more come in one response, until it is full: with all events of the demand, or with
   * `maxEvents`.
   *
   * @defaultValue false
   */
  readonly merge?: boolean;
  /**
   * Longest wait of an event, in milliseconds; at least 1.
   *
   * @defaultValue 20
   */
  readonly mergeMs?: number;
}

/** Faults of responses. All throw a `ConfigurationError` for options that are not valid, including an unknown topic. */
export interface ResponseFaults {
  /** Delays all responses from now on, in their order. */
  slow(options: SlowOptions): void;
  /** Splits or merges responses from now on. Omitted options return to their values at the start. */
  responses(options: ResponsesOptions): void;
  /**
   * Sends each live stream its last events again before it continues. They count against demand, like any other events.
   *
   * @returns The number of these events, over all streams.
   */
  redeliver(options: RedeliverOptions): number;
}

const SLOW_OPTIONS: Checks<SlowOptions> = { responseDelayMs: wholeNumber(0, LONGEST_TIMER_MS) };

const REDELIVER_OPTIONS: Checks<RedeliverOptions> = { topic: optional(text), events: wholeNumber(1) };

const RESPONSES_OPTIONS: Checks<ResponsesOptions> = {
  maxEvents: optional(wholeNumber(1, MOST_OUTSTANDING)),
  merge: optional(flag),
  mergeMs: optional(wholeNumber(1, LONGEST_TIMER_MS)),
};

/** Makes the faults of responses. */
export function responseFaults({ bus, server, settings }: FaultContext): ResponseFaults {
  const initial = settings.maxEventsPerResponse;
  return {
    slow: (options) => {
      settings.responseDelayMs = readOptions('slow', options, SLOW_OPTIONS).responseDelayMs;
    },
    responses: (options) => {
      const { maxEvents = initial, merge = false, mergeMs = 20 } = readOptions('responses', options, RESPONSES_OPTIONS);
      settings.maxEventsPerResponse = maxEvents;
      settings.mergeMs = merge ? mergeMs : 0;
    },
    redeliver: (options) => {
      const { topic, events } = readOptions('redeliver', options, REDELIVER_OPTIONS);
      const calls = server.calls.events(topicOption(bus, topic)?.definition.name);
      return calls.reduce((sum, call) => sum + call.redeliver(events), 0);
    },
  };
}

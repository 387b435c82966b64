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

/** What is sent again. */
export interface RedeliverOptions extends TopicOptions {
  /** How many events a stream, at most; at least 1. */
  readonly events: number;
}

/** How events are put into responses. */
export interface ResponsesOptions {
  /**
   * Most events in one response, from 1 to 100.
   *
   * @defaultValue What the emulator was started with.
   */
  readonly maxEvents?: number;
  /**
   * Whether events wait for more to come in one response, until it is full: as many as are asked for, or `maxEvents`.
   *
   * @defaultValue false
   */
  readonly merge?: boolean;
  /**
   * How long they wait at most, in milliseconds; at least 1.
   *
   * @defaultValue 20
   */
  readonly mergeMs?: number;
}

/** Faults of responses. All throw a `ConfigurationError` for options that are not valid, an unknown topic included. */
export interface ResponseFaults {
  /** Delays all responses from now on, in their order. */
  slow(options: SlowOptions): void;
  /** Splits or merges responses from now on. What is left out is again as it was at the start. */
  responses(options: ResponsesOptions): void;
  /**
   * Sends each live stream its last events again before it goes on: within what it asks for, like any others.
   *
   * @returns How many events that are, of all streams together.
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

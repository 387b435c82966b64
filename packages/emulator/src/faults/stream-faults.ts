import type { StreamEnds } from '../grpc/call-stream.js';
import { type Method, METHODS, STREAM_METHODS, type StreamMethod } from '../grpc/methods.js';
import { type FaultContext, topicOption } from './fault-context.js';
import { FAULT_ERROR, type FaultError, failureOf } from './fault-error.js';
import { type Checks, oneOf, optional, readOptions, text, wholeNumber } from '../model/option-checks.js';

/** Which streams or events a fault is for. */
export interface TopicOptions {
  /**
   * A topic's name.
   *
   * @defaultValue All topics.
   */
  readonly topic?: string;
}

/** Which streams a fault is for. */
export interface StreamOptions extends TopicOptions {
  /**
   * The method of the streams, such as `PublishStream`.
   *
   * @defaultValue All methods with long streams: Subscribe, ManagedSubscribe and PublishStream.
   */
  readonly method?: StreamMethod;
}

/** An error, and which calls get it. */
export interface AnswerOptions extends FaultError {
  /**
   * The method.
   *
   * @defaultValue Any.
   */
  readonly method?: Method;
  /**
   * How many calls; at least 1.
   *
   * @defaultValue 1
   */
  readonly times?: number;
}

/** Faults of calls. All throw a `ConfigurationError` for options that are not valid, including an unknown topic. */
export interface StreamFaults {
  /**
   * Ends live streams at once by RST_STREAM, without status or trailers; responses sent before may not arrive. Clients
   * on grpc-js see INTERNAL, "Received RST_STREAM with code 2 (Internal server error)".
   *
   * @returns How many streams.
   */
  dropStreams(options?: StreamOptions): number;
  /**
   * Ends live streams normally, with status OK, as the service ends a stream without demand.
   *
   * @returns How many streams.
   */
  endStreams(options?: StreamOptions): number;
  /**
   * Ends live streams with an error, after the responses already sent.
   *
   * @returns How many streams.
   */
  failStreams(error: FaultError, options?: StreamOptions): number;
  /**
   * Answers the next calls with an error, whatever they ask. Planned answers are used in the order they were requested.
   */
  answer(options: AnswerOptions): void;
}

/** How {@link TopicOptions} are read. */
export const TOPIC_OPTIONS: Checks<TopicOptions> = { topic: optional(text) };

const STREAM_OPTIONS: Checks<StreamOptions> = { ...TOPIC_OPTIONS, method: optional(oneOf(STREAM_METHODS)) };

const ANSWER_OPTIONS: Checks<AnswerOptions> = {
  ...FAULT_ERROR,
  method: optional(oneOf(METHODS)),
  times: optional(wholeNumber(1)),
};

/** Makes the faults of calls. */
export function streamFaults({ bus, server }: FaultContext): StreamFaults {
  const toStreams = (name: string, options: StreamOptions, does: (stream: StreamEnds) => void): number => {
    const { topic, method } = readOptions(name, options, STREAM_OPTIONS);
    const calls = server.calls.all({ topic: topicOption(bus, topic)?.definition.name, method });
    calls.forEach(({ stream }) => does(stream));
    return calls.length;
  };
  return {
    dropStreams: (options = {}) => toStreams('dropStreams', options, (stream) => stream.drop()),
    endStreams: (options = {}) => toStreams('endStreams', options, (stream) => stream.end()),
    failStreams: (error, options = {}) => {
      const failure = failureOf(readOptions('failStreams', error, FAULT_ERROR));
      return toStreams('failStreams', options, (stream) => stream.fail(failure));
    },
    answer: (options) => {
      const { method, times = 1, ...error } = readOptions('answer', options, ANSWER_OPTIONS);
      server.planned.answer(failureOf(error), method, times);
    },
  };
}

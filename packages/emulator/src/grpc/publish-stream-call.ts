import type { CallContext } from './call-context.js';
import type { CallStream } from './call-stream.js';
import type { PublishCall, PublishStreamSnapshot } from './live-calls.js';
import { publish, type WirePublishRequest, type WirePublishResponse } from './publish.js';

/** A live PublishStream call: one response for each request, in their order. */
export class PublishStreamCall implements PublishCall {
  readonly method = 'PublishStream';
  readonly stream: CallStream<WirePublishRequest, WirePublishResponse>;
  readonly #context: CallContext;
  #topic = '';
  #requests = 0;
  #events = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(stream: CallStream<WirePublishRequest, WirePublishResponse>, context: CallContext) {
    this.stream = stream;
    this.#context = context;
    stream.onRequest((request) => this.#request(request));
    stream.onRequestsEnd(() => stream.end());
    stream.onClose(() => clearTimeout(this.#timer));
    this.#wait();
  }

  get topic(): string {
    return this.#topic;
  }

  snapshot(): PublishStreamSnapshot {
    return { topic: this.#topic, requests: this.#requests, events: this.#events };
  }

  #request(request: WirePublishRequest): void {
    const topicName = request.topicName === '' ? this.#topic : request.topicName;
    if (this.#topic !== '' && topicName !== this.#topic) {
      const message = `The topic of a publish stream cannot change: it is "${this.#topic}", the request says "${topicName}".`;
      this.stream.fail({ reason: 'publish-topic-mismatch', message });
      return;
    }
    const outcome = publish(this.#context, 'PublishStream', { ...request, topicName }, this.stream.rpcId);
    if (outcome.type === 'refusal') {
      this.stream.fail(outcome.refusal);
      return;
    }
    this.#topic = topicName;
    this.#requests++;
    this.#events += request.events.length;
    if (outcome.type === 'lost') {
      this.stream.drop();
      return;
    }
    this.stream.write(outcome.response);
    this.#wait();
  }

  /** Each request gives the client some more time for the next one. */
  #wait(): void {
    const { publishIdleMs } = this.#context.options;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      const message = `No publish request was received during the timeout period of ${publishIdleMs / 1000} seconds. The publish stream timed out.`;
      this.stream.fail({ reason: 'publish-idle', message });
    }, publishIdleMs);
  }
}

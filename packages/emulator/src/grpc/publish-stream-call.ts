import type { WirePublishResponse } from '@rxforce/core/internal';
import type { CallContext } from './call-context.js';
import type { CallStream } from './call-stream.js';
import type { PublishCall, PublishStreamSnapshot } from './live-calls.js';
import { publish, type PublishRequest } from './publish.js';

/** A live PublishStream call: one response for each request, in their order. */
export class PublishStreamCall implements PublishCall {
  readonly method = 'PublishStream';
  private topicName = '';
  private requests = 0;
  private events = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    readonly stream: CallStream<PublishRequest, WirePublishResponse>,
    private readonly context: CallContext,
  ) {
    stream.onRequest((request) => this.request(request));
    stream.onRequestsEnd(() => stream.end());
    stream.onClose(() => clearTimeout(this.timer));
    this.wait();
  }

  get topic(): string {
    return this.topicName;
  }

  snapshot(): PublishStreamSnapshot {
    return { topic: this.topicName, requests: this.requests, events: this.events };
  }

  private request(request: PublishRequest): void {
    const topicName = request.topicName === '' ? this.topicName : request.topicName;
    if (this.topicName !== '' && topicName !== this.topicName) {
      const message = `The topic of a publish stream cannot change: it is "${this.topicName}", the request says "${topicName}".`;
      this.stream.fail({ reason: 'publish-topic-mismatch', message });
      return;
    }
    const outcome = publish(this.context, 'PublishStream', { ...request, topicName }, this.stream.rpcId);
    if (outcome.type === 'refusal') {
      this.stream.fail(outcome.refusal);
      return;
    }
    this.topicName = topicName;
    this.requests++;
    this.events += request.events.length;
    if (outcome.type === 'lost') {
      this.stream.drop();
      return;
    }
    this.stream.write(outcome.response);
    this.wait();
  }

  /** Each request gives the client some more time for the next one. */
  private wait(): void {
    const { publishIdleMs } = this.context.options;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      const message = `No publish request was received during the timeout period of ${publishIdleMs / 1000} seconds. The publish stream timed out.`;
      this.stream.fail({ reason: 'publish-idle', message });
    }, publishIdleMs);
  }
}

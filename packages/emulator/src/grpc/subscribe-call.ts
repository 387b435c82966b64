import type { WireFetchRequest } from '@rxforce/core/codec';
import { Subscription, type SubscriptionSnapshot } from '../flow/subscription.js';
import type { CallContext } from './call-context.js';
import type { CallStream } from './call-stream.js';
import { EventPump } from './event-pump.js';
import type { EventCall } from './live-calls.js';

/** A live Subscribe call. */
export class SubscribeCall implements EventCall {
  readonly method = 'Subscribe';
  private readonly subscription: Subscription;
  private readonly pump: EventPump;

  constructor(
    readonly stream: CallStream<WireFetchRequest, Buffer>,
    { bus, options }: CallContext,
  ) {
    this.subscription = new Subscription(bus, () => options.maxEventsPerResponse);
    this.pump = new EventPump(stream, this.subscription, options);
    stream.onRequest((request) => this.request(request));
  }

  get topic(): string {
    return this.snapshot().topic;
  }

  snapshot(): SubscriptionSnapshot {
    return this.subscription.snapshot();
  }

  keepalive(): void {
    this.pump.keepalive();
  }

  redeliver(count: number): number {
    return this.pump.redeliver(count);
  }

  private request(request: WireFetchRequest): void {
    const refusal = this.subscription.request(request);
    if (refusal === undefined) {
      this.pump.asked();
    } else {
      this.stream.fail(refusal);
    }
  }
}

import { defer, from, map, type Subscriber } from 'rxjs';
import { hold } from '../delivery/hold.js';
import { operate } from '../delivery/operate.js';
import { ReplayId } from '../model/replay-id.js';
import { Ok } from '../model/result.js';
import { emitResult } from '../publish/emit-result.js';
import { publishTopic, resolvePublisherOptions, resolvePublishOptions } from '../publish/options.js';
import { notAwaitable, publishNow } from '../publish/publish-now.js';
import { idOf, type Published, type PublishInput } from '../publish/publish-input.js';
import type { PublishResult } from '../publish/publish-result.js';
import type { Publishing } from '../publish/publishing.js';

/** A test's answer for an event that is published: its result, or `undefined` for an event that is on the topic. */
export type PublishAnswer = (topic: string, event: PublishInput) => PublishResult | undefined;

/** The part of a fake client that publishes. It answers at once, and sends nothing. */
export class FakePublishing implements Pick<Publishing, 'publish' | 'publishNow' | 'publisher'> {
  private readonly published = new Map<string, PublishInput[]>();
  private answer: PublishAnswer = () => undefined;
  private count = 0;

  readonly publish: Publishing['publish'] = (topic, events, options = {}) => {
    const name = publishTopic(topic);
    resolvePublishOptions(options);
    const inputs = (Array.isArray(events) ? events : [events]) as readonly PublishInput[];
    return notAwaitable(defer(() => from(inputs)).pipe(map((input) => this.take(name, input))));
  };

  readonly publishNow: Publishing['publishNow'] = (topic, event, options) =>
    publishNow(event, () => this.publish(topic, event, options));

  readonly publisher: Publishing['publisher'] = (topic, options = {}) => {
    const name = publishTopic(topic);
    const { onRefused } = resolvePublisherOptions(options);
    return (source) =>
      operate(source, 'works', (subscriber: Subscriber<PublishResult>) => ({
        next: (input) => {
          const held = hold(input, 'works');
          emitResult(held, subscriber, this.take(name, input), onRefused);
        },
      }));
  };

  /** Sets the answers from here on. */
  answers(answer: PublishAnswer): void {
    this.answer = answer;
  }

  /** The events published on a topic, in order. */
  on(topic: string): readonly PublishInput[] {
    return this.published.get(publishTopic(topic)) ?? [];
  }

  private take(topic: string, input: PublishInput): PublishResult {
    const published = this.published.get(topic) ?? [];
    published.push(input);
    this.published.set(topic, published);
    return this.answer(topic, input) ?? Ok(this.publishedAs(topic, input));
  }

  private publishedAs(topic: string, input: PublishInput): Published {
    const count = String(++this.count);
    return { topic, id: idOf(input, `published-${count}`), replayId: ReplayId.fromBytes(Buffer.from(count)) };
  }
}

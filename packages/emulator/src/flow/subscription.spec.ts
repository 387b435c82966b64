import { expect } from 'chai';
import fc from 'fast-check';
import { Bus } from '../bus/bus.js';
import { createRandom } from '../model/random.js';
import { MOST_OUTSTANDING, Subscription } from './subscription.js';

const TOPIC = { name: '/event/A__e', schemaId: 'schema', canPublish: true };

describe('Subscription', () => {
  it('delivers nothing, when nothing was asked for', () => {
    const { append, subscription } = setUp();
    append(1);
    expect(subscription.take()).to.equal(undefined);
    expect(subscription.snapshot()).to.include({ topic: '', pending: 0 });
  });

  it('starts at the tip, when no preset or an unknown one is given', () => {
    for (const replayPreset of [undefined, 7]) {
      const { append, subscription } = setUp();
      append(1);
      subscription.request({ topicName: TOPIC.name, numRequested: 5, replayPreset: replayPreset as 0 });
      expect(subscription.take()).to.equal(undefined);
      append(2);
      expect(subscription.take()?.events).to.have.length(2);
    }
  });

  it('is left as it was, when a request is refused', () => {
    const { subscription } = setUp();
    subscription.request({ topicName: TOPIC.name, numRequested: 5 });
    expect(subscription.request({ topicName: TOPIC.name, numRequested: 0 })?.reason).to.equal(
      'requested-events-invalid',
    );
    expect(subscription.request({ topicName: '/other', numRequested: 3 })?.reason).to.equal('topic-mismatch');
    expect(subscription.snapshot()).to.include({ pending: 5, requested: 5 });
  });

  it('has no topic, when its first request is refused', () => {
    const { subscription } = setUp();
    const replayId = Buffer.from('nonsense');
    const refusal = subscription.request({ topicName: TOPIC.name, numRequested: 5, replayPreset: 2, replayId });
    expect(refusal?.reason).to.equal('replay-id-invalid');
    expect(subscription.topic).to.equal(undefined);
  });

  it('names the last event as the newest position, when a batch has events', () => {
    const { append, subscription } = setUp();
    subscription.request({ topicName: TOPIC.name, numRequested: 2 });
    append(3);
    const batch = subscription.take()!;
    expect(batch.latestReplayId).to.equal(batch.events[1]!.replayId);
    expect(subscription.take()).to.equal(undefined);
  });

  it('goes on behind a keepalive, when events follow it', () => {
    const { bus, topic, append, subscription } = setUp();
    subscription.request({ topicName: TOPIC.name, numRequested: 5 });
    const { events, latestReplayId, pending } = subscription.keepalive();
    expect([events, pending]).to.deep.equal([[], 5]);
    expect(bus.locate(topic, latestReplayId)).to.equal(bus.tip);
    append(1);
    expect(subscription.take()?.events).to.have.length(1);
  });

  it('never has more outstanding than the limit, and loses and repeats nothing, when demand and events come at random', () => {
    const step = fc.oneof(
      fc.record({ type: fc.constant('request' as const), count: fc.integer({ min: 1, max: 250 }) }),
      fc.record({ type: fc.constant('append' as const), count: fc.nat(80) }),
      fc.record({ type: fc.constant('take' as const), count: fc.constant(0) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.integer({ min: 1, max: 100 }), (steps, mostPerResponse) => {
        const { append, subscription } = setUp(mostPerResponse);
        subscription.request({ topicName: TOPIC.name, numRequested: 1 });
        const made: string[] = [];
        const received: string[] = [];
        let demand = 1;
        for (const { type, count } of steps) {
          if (type === 'request') {
            subscription.request({ topicName: '', numRequested: count });
            demand = Math.min(MOST_OUTSTANDING, demand + count);
          } else if (type === 'append') {
            made.push(...append(count));
          } else {
            const batch = subscription.take();
            const events = batch?.events ?? [];
            expect(events.length).to.equal(Math.min(demand, mostPerResponse, made.length - received.length));
            demand -= events.length;
            received.push(...events.map(({ id }) => id));
          }
          expect(subscription.pending).to.equal(demand);
        }
        expect(received).to.deep.equal(made.slice(0, received.length));
      }),
    );
  });
});

function setUp(mostPerResponse = 100) {
  const bus = new Bus({ retentionMs: 1000, now: () => 0, random: createRandom(1) });
  const topic = bus.createTopic(TOPIC);
  const subscription = new Subscription(bus, () => mostPerResponse);
  const append = (count: number) =>
    Array.from({ length: count }, () => {
      const id = `event ${bus.appended}`;
      return bus.append([topic], { id, schemaId: 'schema', payload: Buffer.alloc(0) }).id;
    });
  return { bus, topic, append, subscription };
}

import { expect } from 'chai';
import { createRandom } from '../model/random.js';
import { Bus } from './bus.js';
import { encodeReplayId } from './replay-id.js';

const TOPIC = { name: '/event/A__e', schemaId: 'schema', canPublish: true };

describe('Bus', () => {
  it('gives growing positions with holes, when events are added', () => {
    const { bus, topic } = setUp();
    const positions = Array.from({ length: 200 }, () => bus.append([topic], newEvent()).position);
    const steps = positions.slice(1).map((position, index) => position - positions[index]!);
    expect(Math.min(...steps)).to.equal(1);
    expect(Math.max(...steps)).to.be.above(1);
    expect(bus.appended).to.equal(200);
  });

  it('puts one event under one position on several topics, when it belongs to both', () => {
    const { bus, topic } = setUp();
    const all = bus.createTopic({ ...TOPIC, name: '/data/All' });
    const event = bus.append([topic, all], newEvent());
    expect(bus.eventsAfter(topic, 0, 5)).to.deep.equal([event]);
    expect(bus.eventsAfter(all, 0, 5)).to.deep.equal([event]);
  });

  it('gives the topic that is there, when it is created again', () => {
    const { bus, topic } = setUp();
    expect(bus.createTopic({ ...TOPIC, schemaId: 'other' })).to.equal(topic);
    expect(bus.topic(TOPIC.name)).to.equal(topic);
    expect(bus.topic(TOPIC.name.toUpperCase())).to.equal(undefined);
  });

  it('tells those who listen, until they stop', () => {
    const { bus, topic } = setUp();
    let told = 0;
    const stop = topic.onAppend(() => told++);
    bus.append([topic], newEvent());
    stop();
    bus.append([topic], newEvent());
    expect(told).to.equal(1);
  });

  describe('an event that is several events on another topic', () => {
    const late = (id: string, payload: () => string) => ({
      id,
      schemaId: 'schema',
      payload: () => Buffer.from(payload()),
    });

    it('shares one replay id with them; a stream goes on between them, and starts behind all of them', () => {
      const { bus, topic } = setUp();
      const other = bus.createTopic({ ...TOPIC, name: '/data/A__chn' });
      const first = bus.append([topic, other], newEvent());
      const ids = Array.from({ length: 1_000 }, (_, index) => String(index));
      const events = ids.map((id) => late(id, () => id));
      const whole = bus.append([topic], newEvent(), [{ topic: other, events }]);
      const last = bus.append([topic, other], newEvent());
      expect(bus.events(topic)).to.deep.equal([first, whole, last]);
      const received: string[] = [];
      for (let position = first.position; ;) {
        const batch = bus.eventsAfter(other, position, 7);
        if (batch.length === 0) break;
        received.push(...batch.map(({ id }) => id));
        position = batch.at(-1)!.position;
      }
      expect(received).to.deep.equal([...ids, last.id]);
      expect(bus.events(other)[1]!.replayId).to.deep.equal(whole.replayId);
      expect(bus.locate(other, whole.replayId)).to.equal(bus.events(other).at(-2)!.position);
      expect(bus.appended).to.equal(3);
    });

    it('has the payload of the moment it is read', () => {
      const { bus, topic } = setUp();
      let text = 'before';
      bus.append([], newEvent(), [{ topic, events: [late('a', () => text)] }]);
      const [event] = bus.events(topic);
      expect([event!.payload.toString(), event!.frame.includes('before')]).to.deep.equal(['before', true]);
      text = 'after';
      expect([event!.payload.toString(), event!.frame.includes('before')]).to.deep.equal(['after', false]);
    });

    it('is altered as a whole, when payloads are', () => {
      const asked: string[][] = [];
      const nextAlteration = (topics: readonly { definition: { name: string } }[]) => {
        asked.push(topics.map(({ definition }) => definition.name));
        return asked.length === 1 ? (payload: Uint8Array) => payload.subarray(0, 2) : undefined;
      };
      const bus = new Bus({ retentionMs: 100, now: () => 0, random: createRandom(1), nextAlteration });
      const [topic, other] = [bus.createTopic(TOPIC), bus.createTopic({ ...TOPIC, name: '/data/A__chn' })];
      const events = ['1', '2'].map((id) => late(id, () => 'late'));
      const append = () => bus.append([topic], newEvent(), [{ topic: other, events }]);
      append();
      append();
      const payloads = (of: typeof topic) => bus.events(of).map(({ payload }) => payload.toString());
      expect(payloads(topic)).to.deep.equal(['pa', 'payload']);
      expect(payloads(other)).to.deep.equal(['la', 'la', 'late', 'late']);
      expect(asked).to.deep.equal(Array(2).fill(['/event/A__e', '/data/A__chn']));
    });
  });

  it('locates its own replay ids only, when asked for others', () => {
    const { bus, topic } = setUp();
    const { replayId, position } = bus.append([topic], newEvent());
    expect(bus.locate(topic, replayId)).to.equal(position);
    expect(bus.locate(topic, encodeReplayId(position + 1))).to.equal(undefined);
    const marked = bus.mark();
    expect(bus.locate(topic, encodeReplayId(marked))).to.equal(marked);
  });

  it('knows no hole as a position, when ids between two events are asked for', () => {
    const { bus, topic } = setUp();
    const events = Array.from({ length: 100 }, () => bus.append([topic], newEvent()));
    const given = new Set(events.map(({ position }) => position));
    const first = events[0]!.position;
    for (let position = first; position <= bus.tip; position++) {
      expect(bus.locate(topic, encodeReplayId(position)) === position).to.equal(given.has(position));
    }
  });

  it('forgets all so far, of one topic or of all, when they expire', () => {
    const { bus, topic } = setUp();
    const other = bus.createTopic({ ...TOPIC, name: '/event/B__e' });
    const { replayId } = bus.append([topic, other], newEvent());
    bus.expire(topic);
    expect([bus.locate(topic, replayId), bus.events(topic)]).to.deep.equal([undefined, []]);
    expect(bus.locate(other, replayId)).to.be.a('number');
    bus.expire();
    expect([bus.locate(other, replayId), bus.events(other)]).to.deep.equal([undefined, []]);
    const next = bus.append([topic], newEvent());
    expect(bus.locate(topic, next.replayId)).to.equal(next.position);
  });

  it('knows no old position, recorded ones included, and gives out far ones, when it is reset', () => {
    const { bus, topic } = setUp();
    const own = bus.append([topic], newEvent());
    const recorded = bus.append([topic], { ...newEvent(), replayId: Buffer.from('0000000000a748390000', 'hex') });
    bus.reset();
    expect([own, recorded].map(({ replayId }) => bus.locate(topic, replayId))).to.deep.equal([undefined, undefined]);
    const { position } = bus.append([topic], newEvent());
    expect(position - recorded.position).to.be.above(1_000_000);
  });

  it('stores another payload, when it is told what becomes of payloads', () => {
    const nextAlteration = () => (payload: Uint8Array) => payload.subarray(0, 1);
    const bus = new Bus({ retentionMs: 100, now: () => 0, random: createRandom(1), nextAlteration });
    const event = bus.append([bus.createTopic(TOPIC)], newEvent());
    expect(event.payload.toString()).to.equal('p');
    expect(event.frame.toString('latin1')).to.not.contain('payload');
  });

  it('locates a recorded event under the replay id it came with, when there is one', () => {
    const { bus, topic } = setUp();
    const replayId = Buffer.from('0000000000a748390000', 'hex');
    const { position } = bus.append([topic], { ...newEvent(), replayId });
    expect(bus.locate(topic, replayId)).to.equal(position);
  });

  it('forgets events and positions, when they are older than the retention', () => {
    const clock = { time: 1000 };
    const { bus, topic } = setUp(clock);
    const old = bus.append([topic], newEvent());
    clock.time += 50;
    const young = bus.append([topic], newEvent());
    clock.time += 60;
    expect(bus.eventsAfter(topic, 0, 5)).to.deep.equal([young]);
    expect(bus.locate(topic, old.replayId)).to.equal(undefined);
    expect(bus.locate(topic, young.replayId)).to.equal(young.position);
  });
});

function setUp(clock = { time: 0 }) {
  const bus = new Bus({ retentionMs: 100, now: () => clock.time, random: createRandom(1) });
  return { bus, topic: bus.createTopic(TOPIC) };
}

function newEvent() {
  return { id: 'id', schemaId: 'schema', payload: Buffer.from('payload') };
}

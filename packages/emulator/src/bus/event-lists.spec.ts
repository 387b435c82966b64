import { expect } from 'chai';
import { createRandom } from '../model/random.js';
import { Bus } from './bus.js';
import { EventLists } from './event-lists.js';

const TOPIC = { name: '/event/A__e', schemaId: 'schema', canPublish: true };

describe('EventLists', () => {
  let now: number;
  let bus: Bus;
  let lists: EventLists;
  const append = (id: string, topic = bus.topic(TOPIC.name)!) =>
    bus.append([topic], { id, schemaId: 'schema', payload: Buffer.of() });
  const idsOf = (topic = bus.topic(TOPIC.name)!) => lists.of(topic).map(({ id }) => id);

  beforeEach(() => {
    now = 0;
    bus = new Bus({ retentionMs: 1_000, now: () => now, random: createRandom(1) });
    bus.createTopic(TOPIC);
    lists = new EventLists(bus);
  });

  it('have the ids and the replay ids of the events of a topic, in order', () => {
    const [first, second] = [append('first'), append('second')];
    append('another', bus.createTopic({ ...TOPIC, name: '/event/B__e' }));
    expect(lists.of(bus.topic(TOPIC.name)!)).to.deep.equal([
      { id: 'first', replayId: first.replayId.toString('base64') },
      { id: 'second', replayId: second.replayId.toString('base64') },
    ]);
  });

  it('are the same as before, when nothing came or went', () => {
    append('first');
    const topic = bus.topic(TOPIC.name)!;
    expect(lists.of(topic)).to.equal(lists.of(topic));
  });

  it('have what came since, in another list: the one before stays as it was, and its entries are not made again', () => {
    append('first');
    const topic = bus.topic(TOPIC.name)!;
    const before = lists.of(topic);
    append('second');
    expect(idsOf()).to.deep.equal(['first', 'second']);
    expect(before).to.have.length(1);
    expect(lists.of(topic)[0]).to.equal(before[0]);
  });

  it('have no events that are past retention, also where as many came as went', () => {
    append('old');
    now = 900;
    append('young');
    expect(idsOf()).to.deep.equal(['old', 'young']);
    now = 1_500;
    append('new');
    expect(idsOf()).to.deep.equal(['young', 'new']);
  });

  it('are empty, when the bus forgets everything', () => {
    append('forgotten');
    expect(idsOf()).to.have.length(1);
    bus.reset();
    expect(idsOf()).to.deep.equal([]);
  });

  it('begin again with a topic that was removed and made again', () => {
    append('removed');
    expect(idsOf()).to.have.length(1);
    bus.removeTopic(bus.topic(TOPIC.name)!);
    bus.createTopic(TOPIC);
    append('made again');
    expect(idsOf()).to.deep.equal(['made again']);
  });
});

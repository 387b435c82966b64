import { expect } from 'chai';
import { asyncScheduler, from, lastValueFrom, map, take, tap, toArray } from 'rxjs';
import { startEmulator, type Emulator } from '@rxforce/emulator';
import type { PublisherOptions } from '../../src/publish/options.js';
import type { PublishResult } from '../../src/publish/publish-result.js';
import { clientOf } from '../support/emulated.js';
import { publishingTo } from '../support/real-publishing.js';
import { seeded, suiteSeed, type Seeded } from './support/seeded.js';

const TOPIC = '/event/Order_Event__e';
const EVENTS = 10_000;
/** So many results come between two faults. */
const RESULTS_PER_FAULT = 80;

/** What may go wrong while events are published. */
const FAULTS: Readonly<Record<string, (emulator: Emulator, random: Seeded) => unknown>> = {
  'streams dropped': ({ faults }) => faults.dropStreams({ method: 'PublishStream' }),
  'streams ended in peace': ({ faults }) => faults.endStreams({ method: 'PublishStream' }),
  'service unavailable': ({ faults }) =>
    faults.failStreams({ status: 'INTERNAL', errorCode: 'service.unavailable' }, { method: 'PublishStream' }),
  'idle streams swept': ({ faults }) =>
    faults.failStreams({ status: 'CANCELLED', errorCode: 'publish.stream.sweeper.timeout' }),
  'calls throttled': ({ faults }) => {
    faults.answer({ status: 'RESOURCE_EXHAUSTED', details: 'too many calls', method: 'PublishStream' });
    faults.dropStreams();
  },
  'streams throttled': ({ faults }) => faults.failStreams({ status: 'RESOURCE_EXHAUSTED', details: 'slower' }),
  'answers lost': ({ faults }, random) => faults.losePublishes({ times: 1 + random.below(3) }),
  'events refused': ({ faults }, random) => faults.failEvents({ times: 3 + random.below(5) }),
  'sessions expired': ({ faults }) => faults.expireSessions({ cutExpired: true }),
  'server restarted': ({ faults }, random) => faults.restartServer({ downMs: 1 + random.below(50) }),
  'connections told to go': ({ faults }) => {
    faults.goAway();
    faults.dropStreams();
  },
};

/** An event that cannot be published, here and there. */
function inputOf(index: number) {
  const id = String(index);
  const data = { Order_Number__c: id, Amount__c: index };
  if (index % 2_500 === 777) return { id, data: { ...data, Comment__c: 'x'.repeat(1_048_576) } };
  if (index % 2_500 === 1_234) return { id, data: { ...data, Nubmer__c: id } };
  return { id, data };
}

/** Publishes all, while faults happen: gives the results, what happened, and the ids that subscribers get. */
async function publishAll(seed: number, options: PublisherOptions) {
  const random = seeded(seed);
  const emulator = await startEmulator({ seed });
  const { publisher, close } = publishingTo(emulator, { scheduler: asyncScheduler, random: () => random.next() / 100 });
  const client = clientOf(emulator, { logger: { warn: () => undefined } });
  const happened: string[] = [];
  let next = random.below(RESULTS_PER_FAULT);
  let idle = true;
  let seen = 0;
  const strike = (count: number) => {
    if (count < next || !idle) return;
    next = count + random.below(2 * RESULTS_PER_FAULT);
    const names = Object.keys(FAULTS);
    const name = names[happened.length % names.length] ?? '';
    happened.push(name);
    idle = false;
    void Promise.resolve(FAULTS[name]?.(emulator, random)).then(() => (idle = true));
  };
  try {
    const inputs = Array.from({ length: EVENTS }, (_, index) => inputOf(index));
    const results = await lastValueFrom(
      from(inputs).pipe(
        publisher(TOPIC, { maxBatchEvents: 20, answerTimeoutMs: 2_000, ...options }),
        tap(() => strike(++seen)),
        toArray(),
      ),
    );
    const logged = emulator.log(TOPIC).length;
    const arrived = await lastValueFrom(
      client.events(TOPIC, { replay: 'earliest' }).pipe(
        take(logged),
        map(({ id, data }) => ({ id, number: data.Order_Number__c })),
        toArray(),
      ),
    );
    return { results, happened, arrived };
  } finally {
    client.close();
    close();
    await emulator.stop();
  }
}

type Outcome = Awaited<ReturnType<typeof publishAll>>;

/** How often each event is on the topic. */
function timesArrived({ arrived }: Outcome): ReadonlyMap<string, number> {
  const times = new Map<string, number>();
  for (const { id } of arrived) times.set(id, (times.get(id) ?? 0) + 1);
  return times;
}

const idOf = (result: PublishResult) => (result.ok ? result.val.id : result.val.eventId);
const reasonOf = (result: PublishResult) => (result.ok ? 'published' : result.val.reason);

/** Checks what is true in any case; 10,000 are more than a message can show. */
function check(outcome: Outcome): Readonly<Record<string, number>> {
  const { results, happened, arrived } = outcome;
  expect(happened).to.include.members(Object.keys(FAULTS));
  expect(results).to.have.length(EVENTS);
  expect(results.findIndex((result, index) => idOf(result) !== String(index))).to.equal(-1);
  expect(arrived.filter(({ id, number }) => id !== number)).to.deep.equal([]);
  const times = timesArrived(outcome);
  const counts: Record<string, number> = {};
  for (const [index, result] of results.entries()) {
    const reason = reasonOf(result);
    const onTopic = times.get(String(index)) ?? 0;
    counts[reason] = (counts[reason] ?? 0) + 1;
    if (reason === 'published') expect(onTopic, `published ${index}`).to.be.at.least(1);
    else if (reason !== 'unknown') expect(onTopic, `${reason} ${index}`).to.equal(0);
  }
  expect(counts).to.include({ 'too-large': 4, invalid: 4 });
  expect(counts.refused).to.be.at.least(3);
  // Where an event is for the last time, the order is that of the input.
  const lasts = [...new Set(arrived.map(({ id }) => Number(id)).reverse())].reverse();
  expect(lasts.findIndex((id, at) => at > 0 && id < (lasts[at - 1] ?? 0))).to.equal(-1);
  return counts;
}

describe('each published event has one result', function () {
  this.timeout(600_000);
  const seed = suiteSeed(20_261_124);

  it('in order, and is on the topic at least once where it says so, whatever breaks', async () => {
    const outcome = await publishAll(seed, {});
    const counts = check(outcome);
    expect(counts).not.to.have.property('unknown');
    // Answers were lost, so some are there twice: that is what at-least-once means.
    expect(outcome.arrived.length).to.be.greaterThan(counts.published ?? 0);
  });

  it('in order, through client.publisher() with requests of the largest size, while streams break', async () => {
    const emulator = await startEmulator({ seed: 1 });
    const client = clientOf(emulator, { logger: { warn: () => undefined } });
    let seen = 0;
    try {
      const results = await lastValueFrom(
        from(Array.from({ length: EVENTS }, (_, index) => inputOf(index))).pipe(
          client.publisher(TOPIC),
          tap(() => {
            if (++seen % 3_000 === 1) emulator.faults.dropStreams({ method: 'PublishStream' });
          }),
          toArray(),
        ),
      );
      expect(results).to.have.length(EVENTS);
      expect(results.findIndex((result, index) => idOf(result) !== String(index))).to.equal(-1);
      const arrived = new Set(emulator.log(TOPIC).map(({ id }) => id));
      const published = results.filter(({ ok }) => ok).map(idOf);
      expect(published).to.have.length(EVENTS - 8);
      expect(published.filter((id) => id === undefined || !arrived.has(id))).to.deep.equal([]);
      expect(arrived.size).to.equal(published.length);
    } finally {
      client.close();
      await emulator.stop();
    }
  });

  it('in order, and is on the topic once where it says so, with onUnknown fail', async () => {
    const outcome = await publishAll(seed + 1, { onUnknown: 'fail' });
    const counts = check(outcome);
    expect(counts.unknown).to.be.greaterThan(0);
    expect([...timesArrived(outcome)].filter(([, times]) => times > 1)).to.deep.equal([]);
  });
});

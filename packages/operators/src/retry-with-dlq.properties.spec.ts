import { expect } from 'chai';
import fc from 'fast-check';
import { defer, of, timer, map, mergeMap } from 'rxjs';
import { DeadLetterQueueError, type ChangeEvent } from '@rxforce/core/model';
import { changeEvent, delivered, runMarbles } from '@rxforce/core/testing';
import {
  live,
  SOURCE_ERROR,
  type Ending,
  type EventPlan,
  type Life,
  type LifeOptions,
  type Step,
} from '../test/support/dlq-life.js';
import {
  fakeDeadLetters,
  type FakeDeadLetters,
  type Mishap,
} from '../../dead-letters/test/support/fake-dead-letters.js';
import { anyMishap, attemptScript } from '../../dead-letters/test/support/scripted-work.js';
import { redrive } from '@rxforce/dead-letters';
import { retryWithDLQ } from './retry-with-dlq.js';

const COMPLETES: Ending = { type: 'completes' };

const plans: fc.Arbitrary<readonly EventPlan[]> = fc.array(
  fc.record({
    records: fc.uniqueArray(fc.constantFrom('p', 'q', 'r'), { minLength: 1, maxLength: 2 }),
    at: fc.nat({ max: 30 }),
    attempts: fc.array(attemptScript, { minLength: 1, maxLength: 4 }),
  }),
  { maxLength: 12 },
);

const lifeOptions: fc.Arbitrary<LifeOptions> = fc.record({
  concurrency: fc.integer({ min: 1, max: 4 }),
  maxRetries: fc.nat({ max: 3 }),
  delayMs: fc.nat({ max: 5 }),
  queueRetries: fc.nat({ max: 3 }),
});

const endings: fc.Arbitrary<Ending> = fc.oneof(
  { weight: 3, arbitrary: fc.constant(COMPLETES) },
  fc.record({ type: fc.constantFrom('errors' as const, 'is unsubscribed' as const), at: fc.nat({ max: 60 }) }),
  fc.record({ type: fc.constant('is taken from' as const), count: fc.integer({ min: 1, max: 6 }) }),
);

const queueFaults = fc.record({
  mishaps: fc.array(anyMishap, { maxLength: 20 }),
  answerMs: fc.array(fc.nat({ max: 4 }), { minLength: 1, maxLength: 5 }),
});

function faultyQueue({ mishaps, answerMs }: { mishaps: readonly (Mishap | undefined)[]; answerMs: readonly number[] }) {
  let answers = 0;
  let calls = 0;
  return fakeDeadLetters({
    mishap: () => mishaps[calls++],
    answerMs: () => answerMs[answers++ % answerMs.length]!,
  });
}

const eventsOf = (planned: readonly EventPlan[]) =>
  planned.map((plan, index) => changeEvent<EventPlan>({ id: `e${index}`, recordIds: plan.records, data: plan }));

/** What happened to one event, a letter a step: Attempt, Success, Result, put aside (L), settled (E). */
function fateOf(steps: readonly Step[], id: string): string {
  const letters = { arrives: '', starts: 'A', succeeds: 'S', result: 'R', letter: 'L', settled: 'E' };
  return steps
    .filter((step) => step.id === id)
    .map(({ what }) => letters[what])
    .join('');
}

const isWhole = ({ end }: Life, { type }: Ending) => end === 'completed' && type !== 'is taken from';

function checkFates(
  life: Life,
  events: readonly ChangeEvent<EventPlan>[],
  options: LifeOptions,
  queue: FakeDeadLetters,
  ending: Ending,
) {
  for (const { id, data } of events) {
    const fate = fateOf(life.steps, id);
    const own = life.steps.filter((step) => step.id === id);
    // Handled and settled, or put aside and settled; or any beginning of these.
    expect(fate, id).to.match(isWhole(life, ending) ? /^(A+(SR*|L)E)?$/ : /^(A*|A+SR*E?|A+LE?)$/);
    const attempts = own.filter(({ what }) => what === 'starts');
    expect(attempts.map(({ attempt }) => attempt)).to.deep.equal(attempts.map((_, index) => index + 1));
    expect(attempts.length).to.be.at.most(options.maxRetries + 1);
    attempts.slice(1).forEach(({ at }, index) => expect(at - attempts[index]!.at).to.be.at.least(options.delayMs));
    const success = own.find(({ what }) => what === 'succeeds');
    const results = own.filter(({ what }) => what === 'result');
    results.forEach(({ attempt }) => expect(attempt).to.equal(success?.attempt));
    if (fate.endsWith('RE')) expect(results.length).to.equal(data.attempts?.[success!.attempt - 1]?.results ?? 1);
    const letter = own.find(({ what }) => what === 'letter');
    if (letter) expect([letter.isQueued, letter.attempt]).to.deep.equal([true, attempts.length]);
    const settled = own.find(({ what }) => what === 'settled');
    if (settled) expect(settled.isQueued, `${id} is in the queue`).to.equal(success === undefined);
    expect(queue.letters().filter(({ value }) => (value as ChangeEvent).id === id).length).to.be.at.most(1);
  }
}

/** At each first attempt: how many are worked on, and that all earlier ones of the same record are done. */
function checkOrder({ steps }: Life, events: readonly ChangeEvent<EventPlan>[], { concurrency }: LifeOptions) {
  const recordsOf = (id: string) => events.find((event) => event.id === id)!.header.recordIds;
  const arrived: string[] = [];
  const open = new Set<string>();
  const waiting = new Set<string>();
  for (const { what, id, attempt } of steps) {
    if (what === 'arrives') {
      arrived.push(id);
      waiting.add(id);
    }
    if (what === 'settled') open.delete(id);
    if (what !== 'starts' || attempt > 1) continue;
    waiting.delete(id);
    const earlier = arrived.slice(0, arrived.indexOf(id));
    const before = earlier.filter(
      (other) => concurrency === 1 || recordsOf(other).some((r) => recordsOf(id).includes(r)),
    );
    expect(before.filter((other) => open.has(other) || waiting.has(other))).to.deep.equal([]);
    open.add(id);
    expect(open.size).to.be.at.most(concurrency);
  }
}

function checkEnd(life: Life, events: readonly ChangeEvent<EventPlan>[], ending: Ending) {
  const settled = life.steps.filter(({ what }) => what === 'settled').length;
  if (isWhole(life, ending)) expect(settled).to.equal(events.length);
  if (life.end instanceof Error && life.end !== SOURCE_ERROR) expect(life.end).to.be.instanceOf(DeadLetterQueueError);
  if (ending.type === 'completes') expect(life.end).not.to.equal(undefined);
}

describe('retryWithDLQ, at random', () => {
  it('handles each event once or puts it aside once, then settles it once, unless the stream has ended', () => {
    fc.assert(
      fc.property(plans, lifeOptions, endings, queueFaults, (planned, options, ending, faults) => {
        const events = eventsOf(planned);
        const queue = faultyQueue(faults);
        const life = live(events, options, ending, queue);
        checkFates(life, events, options, queue, ending);
        checkOrder(life, events, options);
        checkEnd(life, events, ending);
      }),
      { numRuns: 150 },
    );
  });

  it('has handled each event or put it aside once, over several lives, and a redrive empties the queue', () => {
    fc.assert(
      fc.property(plans, lifeOptions, endings, queueFaults, (planned, options, ending, faults) => {
        const events = eventsOf(planned);
        const queue = faultyQueue(faults);
        const first = live(events, options, ending, queue);
        const isSettled = ({ id }: ChangeEvent) => fateOf(first.steps, id).endsWith('E');
        const rest = events.filter((event) => !isSettled(event));
        const healthy = fakeDeadLetters({ letters: queue.letters() });
        const second = live(rest, options, COMPLETES, healthy);
        expect(second.end).to.equal('completed');
        const handled = [...first.steps, ...second.steps].filter(({ what }) => what === 'succeeds').map(({ id }) => id);
        const aside = healthy.letters().map(({ value }) => (value as ChangeEvent).id);
        expect(aside).to.have.length(new Set(aside).size);
        expect([...new Set([...handled, ...aside])].sort()).to.deep.equal(events.map(({ id }) => id).sort());

        const redriven: string[] = [];
        runMarbles(({ scheduler, flush }) => {
          const { concurrency, maxRetries } = options;
          const again = redrive(healthy, ({ id }: ChangeEvent) => of(redriven.push(id)), {
            concurrency,
            maxRetries,
            asTheyWere: true,
          });
          scheduler.schedule(() => again.subscribe(), 10_000);
          flush();
        });
        expect(redriven.sort()).to.deep.equal(aside.sort());
        expect(healthy.letters()).to.deep.equal([]);
      }),
      { numRuns: 80 },
    );
  });

  it('puts aside of a batch that it splits only what fails alone, in order, with as many calls as it says', () => {
    const member = fc.constantFrom<'good' | 'poison' | 'weak'>('good', 'good', 'poison', 'weak');
    const batches = fc.array(fc.array(member, { minLength: 1, maxLength: 12 }), { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(batches, fc.nat({ max: 2 }), fc.boolean(), fc.nat({ max: 2 }), (kinds, maxRetries, retryable, ms) => {
        const values = kinds.map((batch, index) => batch.map((kind, nth) => `${index}/${nth} ${kind}`));
        const calls: string[][] = [];
        /** What is weak works from the third time on. */
        const timesOf = (item: string) => calls.filter((call) => call.includes(item)).length;
        const fails = (item: string) => item.endsWith('poison') || (item.endsWith('weak') && timesOf(item) < 3);
        const queue = fakeDeadLetters();
        const emitted: { item: string; ok: boolean; attempts: number }[] = [];
        runMarbles(({ scheduler, cold, flush }) => {
          const arriving = Object.fromEntries(values.entries()) as Record<string, string[]>;
          const source = delivered(cold(`${Object.keys(arriving).join('')}|`, arriving), scheduler);
          source.values
            .pipe(
              retryWithDLQ(
                (batch) =>
                  defer(() => {
                    calls.push(batch);
                    const bad = batch.some(fails);
                    return timer(ms).pipe(
                      mergeMap(() => {
                        if (bad) throw new Error('no');
                        return batch;
                      }),
                    );
                  }),
                {
                  deadLetters: queue,
                  splitBatches: true,
                  maxRetries,
                  retryable: () => retryable,
                  delays: { type: 'constant', delayMs: 1 },
                },
              ),
              map((result) =>
                result.ok
                  ? { item: result.val, ok: true, attempts: timesOf(result.val) }
                  : { item: result.val.value, ok: false, attempts: result.val.attempts },
              ),
            )
            .subscribe((result) => emitted.push(result));
          flush();
          expect(source.settled.map(({ value }) => value)).to.deep.equal(values);
        });
        expect(emitted.map(({ item }) => item)).to.deep.equal(values.flat());
        for (const { item, ok, attempts } of emitted) {
          if (!item.endsWith('weak')) expect(ok, item).to.equal(item.endsWith('good'));
          expect(attempts, item).to.equal(timesOf(item));
        }
        const aside = emitted.filter(({ ok }) => !ok).map(({ item }) => item);
        expect(queue.letters().map(({ value }) => value)).to.deep.equal(aside);
        const most = values.map(({ length: n }) => (n + 1) * (maxRetries + 1) + n - 2);
        const made = values.map((batch) => calls.filter((call) => batch.includes(call[0]!)).length);
        made.forEach((count, index) => expect(count).to.be.at.most(most[index]!));
      }),
      { numRuns: 80 },
    );
  });
});

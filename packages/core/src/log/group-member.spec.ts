import { expect } from 'chai';
import { promises, SteppedTime } from '../../test/support/stepped-time.js';
import { EventLogError } from '../model/errors.js';
import { Err, Ok, type Result } from '../model/result.js';
import type { EngineFailure } from '../ports/engine-failure.js';
import { inGroup } from './group-member.js';

type Answer = Result<readonly string[], EngineFailure>;

const failure = (retriable: boolean): Answer =>
  Err({ reason: 'It is away.', retriable, cause: undefined } satisfies EngineFailure);
const AWAY = failure(true);
const DENIED = failure(false);

/** A member that reports every 10 s, on an engine whose answers the test gives. */
function membership(answer: (call: number) => Answer | Promise<Answer> = () => Ok(['me'])) {
  const time = new SteppedTime();
  const calls: string[] = [];
  const lists: (readonly string[])[] = [];
  const errors: unknown[] = [];
  const warnings: string[] = [];
  const left: Promise<unknown>[] = [];
  const told: number[] = [];
  const members$ = inGroup(
    {
      engine: 'The engine',
      ttlMs: 30_000,
      logger: { warn: (text) => void warnings.push(text) },
      logFailure: (what, { reason }) => new EventLogError(`${what} failed: ${reason}`),
      scheduler: time,
    },
    {
      tell: () => {
        calls.push(`tell at ${time.now()}`);
        told.push(time.now());
        return Promise.resolve(answer(told.length));
      },
      leave: () => {
        calls.push(`leave at ${time.now()}`);
        return Promise.resolve();
      },
    },
    (leaving) => left.push(leaving),
  );
  const subscribe = () =>
    members$.subscribe({ next: (members) => lists.push(members), error: (error: unknown) => errors.push(error) });
  return { time, calls, told, lists, errors, warnings, left, subscribe };
}

describe('A member of a group', () => {
  it('reports that it is there at once, and three times within its time to live', async () => {
    const { time, told, subscribe } = membership();
    expect(told).to.deep.equal([]);
    subscribe();
    await time.pass(35_000);
    expect(told).to.deep.equal([0, 10_000, 20_000, 30_000]);
  });

  it('reports again only after the answer to its last report', async () => {
    let answer: (value: Answer) => void = () => undefined;
    const { time, told, subscribe } = membership((call) =>
      call === 1 ? new Promise<Answer>((resolve) => (answer = resolve)) : Ok(['me']),
    );
    subscribe();
    await time.pass(60_000);
    expect(told).to.deep.equal([0]);
    answer(Ok(['me']));
    await time.pass(10_000);
    expect(told).to.deep.equal([0, 70_000]);
  });

  it('gives the members sorted, and only when they have changed', async () => {
    const answers = [['b', 'a'], ['a', 'b'], ['b'], ['b']];
    const { time, lists, subscribe } = membership((call) => Ok(answers[call - 1] ?? ['b']));
    subscribe();
    await time.pass(60_000);
    expect(lists).to.deep.equal([['a', 'b'], ['b']]);
  });

  it('keeps the last members while the engine is away, and warns of that once a minute', async () => {
    const { time, lists, errors, warnings, subscribe } = membership((call) => (call === 1 ? Ok(['a', 'b']) : AWAY));
    subscribe();
    await time.pass(69_000);
    expect([lists, errors]).to.deep.equal([[['a', 'b']], []]);
    expect(warnings).to.deep.equal([
      'The engine does not tell who is in the group; the members that are known still count. It is away.',
    ]);
    await time.pass(1_000);
    expect(warnings).to.have.length(2);
  });

  it('warns of each time that the engine is away', async () => {
    const { time, warnings, subscribe } = membership((call) => (call % 2 === 0 ? AWAY : Ok(['me'])));
    subscribe();
    await time.pass(35_000);
    expect(warnings).to.have.length(2);
  });

  it('errors, and reports no more, after a failure that cannot pass', async () => {
    const { time, told, errors, subscribe } = membership(() => DENIED);
    subscribe();
    await time.pass(60_000);
    expect(told).to.deep.equal([0]);
    expect(errors).to.have.length(1);
    expect(errors[0]).to.be.instanceOf(EventLogError);
    expect((errors[0] as Error).message).to.equal('Telling the members of a group failed: It is away.');
  });

  it('leaves the group when it is unsubscribed, and reports no more', async () => {
    const { time, calls, left, subscribe } = membership();
    const subscription = subscribe();
    await time.pass(15_000);
    subscription.unsubscribe();
    await Promise.all(left);
    await time.pass(60_000);
    expect(calls).to.deep.equal(['tell at 0', 'tell at 10000', 'leave at 15000']);
  });

  it('leaves the group only after a report that is under way, which would join it again', async () => {
    let answer: (value: Answer) => void = () => undefined;
    const { time, calls, lists, warnings, left, subscribe } = membership(
      () => new Promise<Answer>((resolve) => (answer = resolve)),
    );
    subscribe().unsubscribe();
    await promises();
    expect(calls).to.deep.equal(['tell at 0']);
    answer(AWAY);
    await Promise.all(left);
    await time.pass(60_000);
    expect([calls, lists, warnings]).to.deep.equal([['tell at 0', 'leave at 0'], [], []]);
  });
});

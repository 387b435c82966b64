import { expect } from 'chai';
import { PARKED, lifeStep, type LifeEffect, type LifeInput, type LifePolicy, type LifeState } from './life-step.js';
import {
  after,
  broken,
  close,
  closed,
  connecting,
  drain,
  draining,
  ended,
  fail,
  fatal,
  invalid,
  live,
  liveAfterRefusals,
  noLogin,
  open,
  parked,
  pause,
  pauseOver,
  POLICY,
  refused,
  reset,
  response,
  throttled,
  unwanted,
  waiting,
  wanted,
} from '../../test/support/life-world.js';

type Row = readonly [
  what: string,
  from: LifeState,
  input: LifeInput,
  to: LifeState,
  effects: readonly LifeEffect[],
  policy?: Partial<LifePolicy>,
];

const ROWS: readonly Row[] = [
  ['opens a stream, when there is room', parked(), wanted, connecting(), [open()]],
  [
    'remembers what went wrong before it parked, when it opens a stream again',
    parked(after(3, 1, true)),
    wanted,
    connecting(after(3, 1, true)),
    [open(3)],
  ],
  ['is live, when the first response comes', connecting(after(5, 0, true)), response, live, []],
  [
    'is live and remembers refusals, when the first response comes',
    connecting(after(5, 2, true)),
    response,
    liveAfterRefusals(5),
    [],
  ],

  ['waits, when a stream that was live breaks', live, ended(broken), waiting(after(1)), [pause(1, 500, broken)]],
  ['waits, when the server ends a stream it has just opened', live, ended(), waiting(after(1)), [pause(1, 500)]],
  [
    'waits longer each time, when no response comes in between',
    connecting(after(3)),
    ended(broken),
    waiting(after(4)),
    [pause(4, 4_000, broken)],
  ],
  [
    'waits any part of that, as chance has it',
    connecting(after(3)),
    ended(broken, { random: 0.25 }),
    waiting(after(4)),
    [pause(4, 1_000, broken)],
  ],
  [
    'waits much longer, when the service asks for less',
    live,
    ended(throttled),
    waiting(after(1)),
    [pause(1, 5_000, throttled)],
  ],
  ['opens the next stream, when the pause is over', waiting(after(4)), pauseOver(), connecting(after(4)), [open(4)]],
  [
    'parks, when the pause is over and there is no room any more',
    waiting(after(4, 1, true)),
    pauseOver(false),
    parked(after(4, 1, true)),
    [{ type: 'park' }],
  ],

  ['parks, when the server ends an idle stream', live, ended(undefined, unwanted), parked(), [{ type: 'park' }]],
  ['parks, when an idle stream breaks', live, ended(broken, unwanted), parked(), [{ type: 'park' }]],
  [
    'parks and keeps the count, when a stream breaks before its first response and there is no room',
    connecting(after(2)),
    ended(broken, unwanted),
    parked(after(2)),
    [{ type: 'park' }],
  ],

  ['fails, when the error cannot pass', live, ended(fatal), closed, [fail(fatal)]],
  ['fails, when the error cannot pass, also without room', live, ended(fatal, unwanted), closed, [fail(fatal)]],
  [
    'fails with the last error, when as many streams as may have failed',
    connecting(after(2)),
    ended(broken),
    closed,
    [fail(broken)],
    { maxAttempts: 3 },
  ],
  [
    'goes on, when one fewer has failed',
    connecting(after(1)),
    ended(broken),
    waiting(after(2)),
    [pause(2, 1_000, broken)],
    { maxAttempts: 3 },
  ],
  [
    'fails at the first failure, when one attempt is all',
    live,
    ended(broken),
    closed,
    [fail(broken)],
    { maxAttempts: 1 },
  ],
  [
    'parks all the same, when one attempt is all and there is no room',
    live,
    ended(broken, unwanted),
    parked(),
    [{ type: 'park' }],
    { maxAttempts: 1 },
  ],

  [
    'opens at once, when the session is refused the first time',
    live,
    ended(refused),
    connecting(after(1, 1)),
    [open(1)],
  ],
  [
    'opens at once, when the first refusal comes after other failures',
    connecting(after(3)),
    ended(refused),
    connecting(after(4, 1)),
    [open(4)],
  ],
  [
    'opens at once, when the first refusal comes and one attempt is all: a session that expired is no failure',
    live,
    ended(refused),
    connecting(after(1, 1)),
    [open(1)],
    { maxAttempts: 1 },
  ],
  [
    'waits, when the session is refused a second time',
    connecting(after(1, 1)),
    ended(refused),
    waiting(after(2, 2)),
    [pause(2, 1_000, refused)],
  ],
  [
    'fails, when the second refusal is the last attempt',
    connecting(after(1, 1)),
    ended(refused),
    closed,
    [fail(refused)],
    { maxAttempts: 2 },
  ],
  [
    'waits on, when the session is refused time and again and a stream has worked before',
    connecting(after(18, 18)),
    ended(refused, { random: 0 }),
    waiting(after(19, 19)),
    [pause(19, 15_000, refused)],
  ],
  [
    'waits, when the session is refused a fourth time and no stream has worked before',
    connecting(after(3, 3)),
    ended(refused, { hasWorked: false, random: 0 }),
    waiting(after(4, 4)),
    [pause(4, 2_000, refused)],
  ],
  [
    'opens at once, when the session is refused soon after a response for the first time',
    live,
    ended(refused, { early: true }),
    connecting(after(1, 1)),
    [open(1)],
  ],
  [
    'waits, when the session is refused soon after a response again, and is never final',
    liveAfterRefusals(4),
    ended(refused, { early: true }),
    waiting(after(5, 2)),
    [pause(5, 8_000, refused)],
  ],
  [
    'forgets refusals, when the session is refused long after a response',
    liveAfterRefusals(4),
    ended(refused),
    connecting(after(1, 1)),
    [open(1)],
  ],
  [
    'forgets refusals, when the stream breaks soon after a response',
    liveAfterRefusals(4),
    ended(broken, { early: true }),
    waiting(after(1)),
    [pause(1, 500, broken)],
  ],
  [
    'counts the refusals, when other failures come in between',
    connecting(after(2, 1)),
    ended(broken),
    waiting(after(3, 1)),
    [pause(3, 2_000, broken)],
  ],
  [
    'parks and remembers the refusal, when the session is refused and there is no room',
    live,
    ended(refused, unwanted),
    parked(after(1, 1)),
    [{ type: 'park' }],
  ],
  ['fails, when the login itself failed', connecting(), ended(noLogin), closed, [fail(noLogin)]],

  ['fails, when the position is unknown', connecting(), ended(invalid), closed, [fail(invalid)]],
  [
    'gives the position up and opens at once, when told to start at the earliest',
    connecting(),
    ended(invalid),
    connecting(after(1, 0, true)),
    [reset('earliest'), open(1)],
    { onInvalid: 'earliest' },
  ],
  [
    'gives the position up and opens at once, when told to start at the latest',
    live,
    ended(invalid),
    connecting(after(1, 0, true)),
    [reset('latest'), open(1)],
    { onInvalid: 'latest' },
  ],
  [
    'keeps what else went wrong, when it gives the position up',
    connecting(after(2, 1)),
    ended(invalid),
    connecting(after(3, 1, true)),
    [reset('latest'), open(3)],
    { onInvalid: 'latest' },
  ],
  [
    'gives the position up and parks, when there is no room',
    live,
    ended(invalid, unwanted),
    parked(after(1, 0, true)),
    [reset('earliest'), { type: 'park' }],
    { onInvalid: 'earliest' },
  ],
  [
    'fails, when the position is unknown although it was given up',
    connecting(after(1, 0, true)),
    ended(invalid),
    closed,
    [fail(invalid)],
    { onInvalid: 'earliest' },
  ],

  ['ends its half, when drained while connecting', connecting(), drain, draining, [{ type: 'halfClose' }]],
  ['ends its half, when drained while live', live, drain, draining, [{ type: 'halfClose' }]],
  ['is over, when drained while parked', parked(), drain, closed, []],
  ['is over, when drained while waiting', waiting(), drain, closed, [{ type: 'cancelPause' }]],
  ['is over, when the stream ends after a drain', draining, ended(), closed, []],
  ['is over, when the stream fails after a drain', draining, ended(fatal), closed, []],

  ['cancels, when closed while connecting', connecting(), close, closed, [{ type: 'cancel' }]],
  ['cancels, when closed while live', live, close, closed, [{ type: 'cancel' }]],
  ['cancels, when closed while draining', draining, close, closed, [{ type: 'cancel' }]],
  ['waits no more, when closed while waiting', waiting(), close, closed, [{ type: 'cancelPause' }]],
  ['is over, when closed while parked', parked(), close, closed, []],
];

describe('lifeStep', () => {
  it('begins parked, with nothing gone wrong', () => {
    expect(PARKED).to.deep.equal(parked());
  });

  for (const [what, from, input, to, effects, policy] of ROWS) {
    it(what, () => {
      expect(lifeStep(from, input, { ...POLICY, ...policy })).to.deep.equal({ state: to, effects });
    });
  }

  describe('changes nothing', () => {
    const states = [parked(after(2)), connecting(after(2)), live, waiting(after(2)), draining, closed];
    const inputs = [wanted, response, ended(fatal), pauseOver(), pauseOver(false), drain, close];
    const means = (state: LifeState, input: LifeInput) =>
      ROWS.some(([, from, each]) => from.type === state.type && each.type === input.type);
    const meaningless = states.flatMap((state) =>
      inputs.filter((input) => !means(state, input)).map((input) => [state, input] as const),
    );

    for (const [state, input] of meaningless) {
      it(`when ${input.type}${'wanted' in input ? ` (wanted: ${input.wanted})` : ''} comes in ${state.type}`, () => {
        const step = lifeStep(state, input, POLICY);
        expect(step.effects).to.deep.equal([]);
        expect(step.state).to.deep.equal(state);
      });
    }

    it('in 21 of the 36 pairs of a state and an input', () => {
      const pairs = new Set(meaningless.map(([state, input]) => `${state.type} ${input.type}`));
      expect(pairs.size).to.equal(21);
    });
  });
});

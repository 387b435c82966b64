import { expect } from 'chai';
import fc from 'fast-check';
import {
  RxforceError,
  TopicUnavailableError,
  AuthenticationError,
  ThrottledError,
  ReplayIdInvalidError,
  ConnectionError,
} from '../model/errors.js';
import {
  PARKED,
  lifeStep,
  type LifeEffect,
  type LifeInput,
  type LifePolicy,
  type LifeState,
  type LifeStep,
  type StreamTrouble,
} from './life-step.js';

const broken = new ConnectionError('broken', { retriable: true });
const throttled = new ThrottledError('slower', { retriable: true });
const refused = new AuthenticationError('expired', { grpcStatus: 16 });
const noLogin = new AuthenticationError('wrong password');
const invalid = new ReplayIdInvalidError('unknown');
const fatal = new TopicUnavailableError('no such topic');

const NO_TROUBLE: StreamTrouble = { failures: 0, refusals: 0, reset: false };
const after = (failures: number, refusals = 0, reset = false): StreamTrouble => ({ failures, refusals, reset });

const parked = (trouble = NO_TROUBLE): LifeState => ({ type: 'parked', ...trouble });
const connecting = (trouble = NO_TROUBLE): LifeState => ({ type: 'connecting', ...trouble });
const waiting = (trouble = after(1)): LifeState => ({ type: 'waiting', ...trouble });
const live: LifeState = { type: 'live', refused: 0 };
const liveAfterRefusals = (refused: number): LifeState => ({ type: 'live', refused });
const draining: LifeState = { type: 'draining' };
const closed: LifeState = { type: 'closed' };

const wanted: LifeInput = { type: 'wanted' };
const response: LifeInput = { type: 'response' };
const drain: LifeInput = { type: 'drain' };
const close: LifeInput = { type: 'close' };
const pauseOver = (isWanted = true): LifeInput => ({ type: 'pauseOver', wanted: isWanted });
const ended = (
  error?: RxforceError,
  { isWanted = true, random = 1, early = false, hasWorked = true } = {},
): LifeInput => ({
  type: 'ended',
  error,
  early,
  hasWorked,
  wanted: isWanted,
  random,
});
const unwanted = { isWanted: false };

const open = (failures = 0): LifeEffect => ({ type: 'open', failures });
const pause = (attempt: number, delayMs: number, cause?: RxforceError): LifeEffect => ({
  type: 'pause',
  attempt,
  delayMs,
  cause,
});
const fail = (error: RxforceError): LifeEffect => ({ type: 'fail', error });
const reset = (policy: 'earliest' | 'latest'): LifeEffect => ({ type: 'reset', policy, error: invalid });

const POLICY: LifePolicy = { onInvalid: 'fail', maxAttempts: Infinity };

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

/** What a test of `lifeStep`, or of one that is broken on purpose, calls. */
type Step = typeof lifeStep;

/** A session's surroundings: what its effects have made of them, and whether they could be made. */
class World {
  state: LifeState = PARKED;
  stream: { responded: boolean; halfClosed: boolean } | undefined;
  pausePending = false;
  over = false;
  told: 'parked' | 'failed' | undefined;
  /** Streams that failed, sessions refused, positions given up: since the last response. */
  private failures = 0;
  private refusals = 0;
  private resets = 0;
  /** Streams opened right behind the end of another since the last response. */
  private hasty = 0;
  /** Streams that failed in a row before the last response, where a session was refused. */
  private refusedBefore = 0;
  /** Streams opened right behind a refusal, with nothing better than an early response in between. */
  private hastyLogins = 0;
  private closing = false;

  constructor(
    private readonly step: Step,
    private readonly policy: LifePolicy,
  ) {}

  /** Gives the session an input that this world allows, and does what it says. */
  input(input: LifeInput): void {
    const before = this.state;
    if (input.type === 'response') this.responded();
    if (input.type === 'ended') this.streamEnded(input);
    if (input.type === 'pauseOver') this.pausePending = false;
    if (input.type === 'close' || input.type === 'drain') this.closing = true;
    const wasOver = this.over;
    const { state, effects } = this.step(this.state, input, this.policy);
    this.state = state;
    if (wasOver) expect(effects, 'effects after the end').to.deep.equal([]);
    effects.forEach((effect) => this.carryOut(effect, input));
    this.check(before, input);
  }

  private responded(): void {
    this.stream!.responded = true;
    if (this.stream!.halfClosed) return;
    if (this.state.type === 'connecting') this.refusedBefore = this.refusals > 0 ? this.failures : 0;
    this.failures = 0;
    this.refusals = 0;
    this.resets = 0;
    this.hasty = 0;
  }

  private streamEnded({ error, early, wanted: isWanted }: Extract<LifeInput, { type: 'ended' }>): void {
    const { halfClosed, responded } = this.stream!;
    this.stream = undefined;
    if (responded && early && error === refused) {
      this.failures = this.refusedBefore;
      this.refusals = Math.min(1, this.refusedBefore);
    } else if (responded) this.hastyLogins = 0;
    // An idle stream that ends is no failure, unless for a reason of its own.
    if (halfClosed || (!isWanted && error !== refused && error !== invalid)) return;
    this.failures++;
    if (error === refused) this.refusals++;
  }

  private carryOut(effect: LifeEffect, input: LifeInput): void {
    expect(this.over, `${effect.type} after the end`).to.equal(false);
    switch (effect.type) {
      case 'open':
        expect(this.stream, 'a second stream').to.equal(undefined);
        expect(this.pausePending, 'a stream during a pause').to.equal(false);
        expect(this.closing, 'a stream after drain or close').to.equal(false);
        expect(input, 'a stream without room').to.not.include({ wanted: false });
        expect(effect.failures, 'failures told at open').to.equal(this.failures);
        if (input.type === 'ended') this.hasty++;
        if (input.type === 'ended' && input.error === refused) this.hastyLogins++;
        this.stream = { responded: false, halfClosed: false };
        this.told = undefined;
        return;
      case 'cancel':
        expect(this.stream, 'a stream to cancel').not.to.equal(undefined);
        this.stream = undefined;
        return;
      case 'halfClose':
        expect(this.stream, 'a stream to half-close').to.include({ halfClosed: false });
        this.stream!.halfClosed = true;
        return;
      case 'pause':
        this.paused(effect, input);
        return;
      case 'cancelPause':
        expect(this.pausePending, 'a pause to cancel').to.equal(true);
        this.pausePending = false;
        return;
      case 'park':
        expect([this.stream, this.pausePending], 'parked').to.deep.equal([undefined, false]);
        this.told = 'parked';
        return;
      case 'reset':
        expect(input, 'a position given up').to.include({ error: invalid });
        expect(effect.policy).to.equal(this.policy.onInvalid);
        this.resets++;
        return;
      case 'fail':
        this.failed(effect.error, input);
        return;
    }
  }

  private paused({ attempt, delayMs, cause }: Extract<LifeEffect, { type: 'pause' }>, input: LifeInput): void {
    if (input.type !== 'ended') throw new Error(`a pause because of ${input.type}`);
    expect([this.stream, this.pausePending], 'a pause beside a stream or pause').to.deep.equal([undefined, false]);
    const [baseMs, maxMs] = cause === throttled ? [5_000, 120_000] : [500, 30_000];
    const chance = cause === refused ? (1 + input.random) / 2 : input.random;
    expect(delayMs).to.equal(Math.round(chance * Math.min(maxMs, baseMs * 2 ** (this.failures - 1))));
    expect(cause).to.equal(input.error);
    expect(attempt, 'attempt').to.equal(this.failures).and.be.below(this.policy.maxAttempts);
    this.pausePending = true;
  }

  private failed(error: RxforceError, input: LifeInput): void {
    if (input.type !== 'ended') throw new Error(`a failure because of ${input.type}`);
    const cause = input.error === refused && error !== refused ? error.cause : error;
    expect(cause).to.include(input.error ?? { code: 'stream-ended' });
    const final =
      input.error === refused
        ? this.refusals >= (input.hasWorked ? 20 : 5) || (this.refusals > 1 && this.failures >= this.policy.maxAttempts)
        : error === invalid
          ? this.policy.onInvalid === 'fail' || this.resets > 0
          : !error.retriable || this.failures >= this.policy.maxAttempts;
    expect(final, `final: ${error.code}`).to.equal(true);
    this.told = 'failed';
  }

  private check(before: LifeState, input: LifeInput): void {
    const { state, stream, pausePending } = this;
    const now = JSON.stringify([before, input, state]);
    expect(this.hasty, 'streams opened without a pause').to.be.at.most(2);
    expect(this.hastyLogins, 'logins without a pause').to.be.at.most(1);
    expect(state.type === 'connecting', now).to.equal(stream !== undefined && !stream.responded && !stream.halfClosed);
    expect(state.type === 'live', now).to.equal(stream !== undefined && stream.responded && !stream.halfClosed);
    expect(state.type === 'draining', now).to.equal(stream?.halfClosed === true);
    expect(state.type === 'waiting', now).to.equal(pausePending);
    this.over = state.type === 'closed';
    if (state.type === 'parked') expect(this.told, now).to.equal(before === PARKED ? this.told : 'parked');
    if (this.over && !this.closing) expect(this.told, now).to.equal('failed');
    if (this.closing) expect(state.type, now).to.be.oneOf(['draining', 'closed']);
    if (before.type === 'closed') expect(state.type).to.equal('closed');
  }

  /** What can happen in this world next does, until responses come. */
  leadToLive(): void {
    for (let steps = 0; steps < 3 && this.state.type !== 'live'; steps++) {
      if (this.stream) this.input(response);
      else if (this.pausePending) this.input(pauseOver());
      else this.input(wanted);
    }
  }
}

/** What happens around a session: ignored where the world does not allow it. */
type Action =
  | { readonly type: 'wanted' | 'response' | 'drain' | 'close' }
  | { readonly type: 'pauseOver'; readonly wanted: boolean }
  | {
      readonly type: 'ended';
      readonly error: RxforceError | undefined;
      readonly early: boolean;
      readonly hasWorked: boolean;
      readonly wanted: boolean;
      readonly random: number;
    };

const mostlyTrue = fc.integer({ min: 0, max: 5 }).map((chance) => chance > 0);
const mostlyPassing = fc.constantFrom(undefined, broken, broken, throttled, refused, refused, invalid, invalid, fatal);
const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 4, arbitrary: fc.constant<Action>({ type: 'wanted' }) },
  { weight: 3, arbitrary: fc.constant<Action>({ type: 'response' }) },
  { weight: 4, arbitrary: mostlyTrue.map((isWanted): Action => ({ type: 'pauseOver', wanted: isWanted })) },
  {
    weight: 8,
    arbitrary: fc.record<Action & { type: 'ended' }>({
      type: fc.constant('ended'),
      error: mostlyPassing,
      early: fc.boolean(),
      hasWorked: fc.boolean(),
      wanted: mostlyTrue,
      random: fc.double({ min: 0, max: 1, noNaN: true }),
    }),
  },
  { weight: 1, arbitrary: fc.constantFrom<Action>({ type: 'drain' }, { type: 'close' }) },
);

const policies = fc.record<LifePolicy>({
  onInvalid: fc.constantFrom('fail', 'earliest', 'latest'),
  maxAttempts: fc.constantFrom(1, 2, 3, 5, Infinity),
});

function possible(world: World, { type }: Action): boolean {
  if (type === 'response' || type === 'ended') return world.stream !== undefined;
  if (type === 'pauseOver') return world.pausePending;
  return true;
}

const wayOut = fc.constantFrom('live', 'close', 'drain');

/** The promises of a session, for any step function. */
function promises(step: Step): fc.IProperty<[LifePolicy, Action[], string]> {
  return fc.property(policies, fc.array(action, { maxLength: 60 }), wayOut, (policy, actions, way) => {
    const world = new World(step, policy);
    actions.filter((each) => possible(world, each) && (world.input(each), true));
    const { type } = world.state;
    if (type === 'closed') {
      world.input(close);
      return;
    }
    if (way === 'live' && type !== 'draining') {
      world.leadToLive();
      expect(world.state.type, `the way from ${type}`).to.equal('live');
    }
    if (way === 'drain') {
      world.input(drain);
      if (world.stream) world.input(ended(undefined, unwanted));
    } else {
      world.input(close);
    }
    expect(world.state.type, `the end from ${type}`).to.equal('closed');
    expect([world.stream, world.pausePending], 'what is left').to.deep.equal([undefined, false]);
  });
}

/** Steps as they should be, with one thing spoilt. */
const spoilt: readonly [string, (right: LifeStep, state: LifeState, input: LifeInput) => LifeStep][] = [
  ['drops a cancel', (right) => without(right, 'cancel')],
  ['drops a half-close', (right) => without(right, 'halfClose')],
  ['drops the cancelling of a pause', (right) => without(right, 'cancelPause')],
  ['drops a failure', (right) => without(right, 'fail')],
  [
    'drops a reset',
    (right) => (right.effects.some(({ type }) => type === 'reset') ? { ...right, effects: [] } : right),
  ],
  ['does not say that it parked', (right) => without(right, 'park')],
  [
    'opens twice',
    (right) => ({
      ...right,
      effects: right.effects.flatMap<LifeEffect>((each) => (each.type === 'open' ? [each, each] : [each])),
    }),
  ],
  [
    'opens while it waits',
    (right) => (right.state.type === 'waiting' ? { ...right, effects: [...right.effects, open(1)] } : right),
  ],
  [
    'opens again, when wanted while connecting',
    (right, state, input) =>
      state.type === 'connecting' && input.type === 'wanted' ? { state, effects: [open()] } : right,
  ],
  [
    'resets the failures at open',
    (right) => (right.state.type === 'connecting' ? { ...right, state: connecting() } : right),
  ],
  ['resets the failures when parked', (right) => (right.state.type === 'parked' ? { ...right, state: PARKED } : right)],
  [
    'resets the failures when it waits',
    (right) => (right.state.type === 'waiting' ? { ...right, state: waiting() } : right),
  ],
  [
    'never resets the failures',
    (right, state) => (right.state.type === 'live' && state.type === 'connecting' ? { ...right, state } : right),
  ],
  [
    'stays waiting for ever',
    (right, state, input) => (state.type === 'waiting' && input.type === 'pauseOver' ? { state, effects: [] } : right),
  ],
  ['stays parked for ever', (right, state) => (state.type === 'parked' ? { state, effects: [] } : right)],
  [
    'waits for ever, when the stream ends after a drain',
    (right, state, input) => (state.type === 'draining' && input.type === 'ended' ? { state, effects: [] } : right),
  ],
  [
    'comes back to life',
    (right, state, input) =>
      state.type === 'closed' && input.type === 'wanted' ? { state: connecting(), effects: [open()] } : right,
  ],
  ['fails twice', (right, state) => (state.type === 'closed' ? { state, effects: [fail(fatal)] } : right)],
  [
    'opens a stream, when drained',
    (right, state, input) =>
      state.type === 'waiting' && input.type === 'drain' ? { state: connecting(), effects: [open(1)] } : right,
  ],
  [
    'half-closes twice',
    (right, state, input) =>
      state.type === 'draining' && input.type === 'drain' ? { state, effects: [{ type: 'halfClose' }] } : right,
  ],
  [
    'waits longer than it may',
    (right) => ({
      ...right,
      effects: right.effects.map((each) => (each.type === 'pause' ? { ...each, delayMs: each.delayMs + 1 } : each)),
    }),
  ],
  [
    'gives up early',
    (right) =>
      right.state.type === 'waiting' && right.state.failures === 2 ? { state: closed, effects: [fail(broken)] } : right,
  ],
  [
    'never gives up',
    (right, state, input) =>
      input.type === 'ended' && input.error === broken && right.state.type === 'closed' && state.type === 'connecting'
        ? { state: waiting(after(state.failures + 1)), effects: [pause(state.failures + 1, 500, broken)] }
        : right,
  ],
  [
    'reconnects for ever, when it is refused',
    (right, _state, input) =>
      input.type === 'ended' && input.error === refused && right.state.type === 'waiting'
        ? { state: connecting(right.state), effects: [open(right.state.failures)] }
        : right,
  ],
  [
    'makes a login for each refusal after a response',
    (right, state, input) =>
      state.type === 'live' && input.type === 'ended' && input.error === refused && right.state.type === 'waiting'
        ? { state: connecting(after(1, 1)), effects: [open(1)] }
        : right,
  ],
  [
    'gives the position up, whatever the policy',
    (right, state, input) =>
      input.type === 'ended' && input.error === invalid && right.state.type === 'closed' && state.type === 'live'
        ? { state: connecting(after(1, 0, true)), effects: [reset('latest'), open(1)] }
        : right,
  ],
];

function without({ state, effects }: LifeStep, unwantedType: LifeEffect['type']): LifeStep {
  return { state, effects: effects.filter(({ type }) => type !== unwantedType) };
}

describe('lifeStep', () => {
  it('begins parked, with nothing gone wrong', () => {
    expect(PARKED).to.deep.equal(parked());
  });

  for (const [what, from, input, to, effects, policy] of ROWS) {
    it(what, () => {
      expect(lifeStep(from, input, { ...POLICY, ...policy })).to.deep.equal({ state: to, effects });
    });
  }

  for (const [refusals, hasWorked, said] of [
    [5, false, /^expired It was refused 5 times in a row, and no call of this kind has worked before\.$/],
    [20, true, /20 times in a row, for minutes, although logins succeed .* expired$/],
  ] as const) {
    it(`fails and says so, when the session is refused for the ${refusals}th time in a row`, () => {
      const last = connecting(after(refusals - 1, refusals - 1));
      const { state, effects } = lifeStep(last, ended(refused, { hasWorked }), POLICY);
      expect(state).to.deep.equal(closed);
      const [failed] = effects as [{ type: 'fail'; error: RxforceError }];
      expect(failed.error).to.include({
        name: 'AuthenticationError',
        grpcStatus: 16,
        retriable: false,
        cause: refused,
      });
      expect(failed.error.message).to.match(said);
    });
  }

  it('says that the server ended the streams, when it did so in peace as often as it may', () => {
    const { state, effects } = lifeStep(live, ended(), { ...POLICY, maxAttempts: 1 });
    expect(state).to.deep.equal(closed);
    expect(effects).to.have.length(1);
    expect((effects[0] as { error: unknown }).error)
      .to.be.instanceOf(RxforceError)
      .and.include({ code: 'stream-ended', retriable: true });
  });

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

  it('goes back to the first wait, when a response came in between', () => {
    let state = connecting(after(7, 1, true));
    for (const input of [response, ended(broken)]) ({ state } = lifeStep(state, input, POLICY));
    expect(state).to.deep.equal(waiting(after(1)));
  });

  it('never waits longer than 30 seconds, or 120 when the service asks for less, however often it failed', () => {
    for (const [error, mostMs] of [
      [broken, 30_000],
      [throttled, 120_000],
    ] as const) {
      const { effects } = lifeStep(connecting(after(5_000)), ended(error), POLICY);
      expect(effects).to.deep.equal([pause(5_001, mostMs, error)]);
    }
  });

  it('keeps its promises, whatever happens in whatever order', () => {
    fc.assert(promises(lifeStep), { numRuns: 3_000 });
  });

  describe('cannot break its promises unseen: a counterexample is found, when it', () => {
    for (const [what, spoil] of spoilt) {
      it(what, () => {
        const step: Step = (state, input, policy) => spoil(lifeStep(state, input, policy), state, input);
        const { failed } = fc.check(promises(step), { numRuns: 3_000, seed: 1, endOnFailure: true });
        expect(failed).to.equal(true);
      });
    }
  });
});

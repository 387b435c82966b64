import { expect } from 'chai';
import {
  AuthenticationError,
  ConnectionError,
  ReplayIdInvalidError,
  type RxforceError,
  ThrottledError,
  TopicUnavailableError,
} from '../../src/model/errors.js';
import {
  type LifeEffect,
  type LifeInput,
  type LifePolicy,
  type LifeState,
  type lifeStep,
  PARKED,
  type StreamTrouble,
} from '../../src/stream-life/life-step.js';

/** The connection broke. */
export const broken = new ConnectionError('broken', { retriable: true });

/** The service asks for less. */
export const throttled = new ThrottledError('slower', { retriable: true });

/** The session is refused. */
export const refused = new AuthenticationError('expired', { grpcStatus: 16 });

/** The login itself is refused. */
export const noLogin = new AuthenticationError('wrong password');

/** The position is not known. */
export const invalid = new ReplayIdInvalidError('unknown');

/** Trying again would not help. */
export const fatal = new TopicUnavailableError('no such topic');

/** Nothing has gone wrong. */
export const NO_TROUBLE: StreamTrouble = { failures: 0, refusals: 0, reset: false };

/** What has gone wrong. */
export const after = (failures: number, refusals = 0, reset = false): StreamTrouble => ({ failures, refusals, reset });

/** No stream is open, as nothing is wanted. */
export const parked = (trouble = NO_TROUBLE): LifeState => ({ type: 'parked', ...trouble });

/** A stream is being opened. */
export const connecting = (trouble = NO_TROUBLE): LifeState => ({ type: 'connecting', ...trouble });

/** A pause before the next stream. */
export const waiting = (trouble = after(1)): LifeState => ({ type: 'waiting', ...trouble });

/** A stream is open. */
export const live: LifeState = { type: 'live', refused: 0 };

/** A stream is open, after the session was refused. */
export const liveAfterRefusals = (refused: number): LifeState => ({ type: 'live', refused });

/** It ends once all is done. */
export const draining: LifeState = { type: 'draining' };

/** It is over. */
export const closed: LifeState = { type: 'closed' };

/** There is demand. */
export const wanted: LifeInput = { type: 'wanted' };

/** The service answers. */
export const response: LifeInput = { type: 'response' };

/** It is to end once all is done. */
export const drain: LifeInput = { type: 'drain' };

/** It is to end now. */
export const close: LifeInput = { type: 'close' };

/** The pause is over. */
export const pauseOver = (isWanted = true): LifeInput => ({ type: 'pauseOver', wanted: isWanted });

/** The stream has ended. */
export const ended = (
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

/** There is no demand. */
export const unwanted = { isWanted: false };

/** A stream is to be opened. */
export const open = (failures = 0): LifeEffect => ({ type: 'open', failures });

/** A pause is to be made. */
export const pause = (attempt: number, delayMs: number, cause?: RxforceError): LifeEffect => ({
  type: 'pause',
  attempt,
  delayMs,
  cause,
});

/** It is to end with an error. */
export const fail = (error: RxforceError): LifeEffect => ({ type: 'fail', error });

/** Another position is to be taken. */
export const reset = (policy: 'earliest' | 'latest'): LifeEffect => ({ type: 'reset', policy, error: invalid });

/** What may be borne, where a test says nothing else. */
export const POLICY: LifePolicy = { onInvalid: 'fail', maxAttempts: Infinity };

/** What a test of `lifeStep`, or of one that is broken on purpose, calls. */
export type Step = typeof lifeStep;

/** A session's surroundings: what its effects have made of them, and whether they could be made. */
export class World {
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

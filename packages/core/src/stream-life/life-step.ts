import { StreamEndedError, type RxforceError } from '../model/errors.js';
import { isRefusal } from '../model/refusal.js';
import { NO_TROUBLE, oneMore, remedyFor, type Trouble } from './reopen-policy.js';

/** The state of a subscription's streams. */
export type LifeState =
  /** Nothing is wanted, and there is no stream. */
  | ({ readonly type: 'parked' } & StreamTrouble)
  /** A stream was opened, and no response came yet. */
  | ({ readonly type: 'connecting' } & StreamTrouble)
  /** Responses come. */
  | {
      readonly type: 'live';
      /** Streams that failed in a row before this one, where the login was refused. */
      readonly refused: number;
    }
  /** The stream broke; another is opened after a pause. */
  | ({ readonly type: 'waiting' } & StreamTrouble)
  /** Nothing more is asked for. Events that were asked for may still come, and are not taken. */
  | { readonly type: 'draining' }
  /** It is over. */
  | { readonly type: 'closed' };

/** The failures since the last response. Only a response resets them. */
export interface StreamTrouble extends Trouble {
  /** Whether the position was given up. */
  readonly reset: boolean;
}

/** What to do when the service does not know the position. */
export type InvalidPolicy = 'fail' | 'earliest' | 'latest';

/** The rules of the subscription's owner. */
export interface LifePolicy {
  readonly onInvalid: InvalidPolicy;
  /** How many streams in a row may fail. */
  readonly maxAttempts: number;
}

/** The inputs to the life of a subscription's streams. */
export type LifeInput =
  /** There is room for events. */
  | { readonly type: 'wanted' }
  /** The server sent a response. */
  | { readonly type: 'response' }
  /** The stream is over. Without an error, the server ended it regularly. */
  | {
      readonly type: 'ended';
      readonly error: RxforceError | undefined;
      /** Whether it ended soon after its first response. */
      readonly early: boolean;
      /** Whether the service ever accepted a stream of this life. */
      readonly hasWorked: boolean;
      /** Whether there is room for events. */
      readonly wanted: boolean;
      /** Chance, from 0 to 1. */
      readonly random: number;
    }
  /** The pause is over. */
  | { readonly type: 'pauseOver'; readonly wanted: boolean }
  /** No more events, but no haste either. */
  | { readonly type: 'drain' }
  /** The subscription is over. */
  | { readonly type: 'close' };

/** The effects of leaving a state. */
export type LifeEffect =
  /** Open a stream, after this many failures. */
  | { readonly type: 'open'; readonly failures: number }
  /** Cancel the stream. */
  | { readonly type: 'cancel' }
  /** End our half of the stream. */
  | { readonly type: 'halfClose' }
  /** Wait, then report the end of the pause. */
  | {
      readonly type: 'pause';
      readonly attempt: number;
      readonly delayMs: number;
      readonly cause: RxforceError | undefined;
    }
  /** End the wait. */
  | { readonly type: 'cancelPause' }
  /** Report that there is no stream, and none is wanted. */
  | { readonly type: 'park' }
  /** Forget the position, and start from this preset. */
  | { readonly type: 'reset'; readonly policy: 'earliest' | 'latest'; readonly error: RxforceError }
  /** Give up. */
  | { readonly type: 'fail'; readonly error: RxforceError };

/** A state, and the effects on the way to it. */
export interface LifeStep {
  readonly state: LifeState;
  readonly effects: readonly LifeEffect[];
}

const NO_STREAM_TROUBLE: StreamTrouble = { ...NO_TROUBLE, reset: false };

/** The state in which every life begins. */
export const PARKED: LifeState = { type: 'parked', ...NO_STREAM_TROUBLE };

/**
 * The life of a subscription's streams: returns the step for an input in a state. Pure. An input that does not fit the
 * state changes nothing.
 */
export function lifeStep(state: LifeState, input: LifeInput, policy: LifePolicy): LifeStep {
  switch (input.type) {
    case 'wanted':
      return state.type === 'parked' ? connect(state) : stay(state);
    case 'response':
      return state.type === 'connecting' ? { state: live(state), effects: [] } : stay(state);
    case 'ended':
      return afterEnd(state, input, policy);
    case 'pauseOver':
      if (state.type !== 'waiting') return stay(state);
      return input.wanted ? connect(state) : park(state);
    case 'drain':
      return drain(state);
    case 'close':
      return close(state);
  }
}

function stay(state: LifeState): LifeStep {
  return { state, effects: [] };
}

function live({ failures, refusals }: StreamTrouble): LifeState {
  return { type: 'live', refused: refusals > 0 ? failures : 0 };
}

function connect({ failures, refusals, reset }: StreamTrouble, ...before: LifeEffect[]): LifeStep {
  return {
    state: { type: 'connecting', failures, refusals, reset },
    effects: [...before, { type: 'open', failures }],
  };
}

function park({ failures, refusals, reset }: StreamTrouble, ...before: LifeEffect[]): LifeStep {
  return { state: { type: 'parked', failures, refusals, reset }, effects: [...before, { type: 'park' }] };
}

function fail(error: RxforceError): LifeStep {
  return { state: { type: 'closed' }, effects: [{ type: 'fail', error }] };
}

type Ended = Extract<LifeInput, { type: 'ended' }>;

function afterEnd(state: LifeState, input: Ended, policy: LifePolicy): LifeStep {
  switch (state.type) {
    case 'draining':
      return { state: { type: 'closed' }, effects: [] };
    case 'connecting':
      return afterFailure(state, input, policy);
    case 'live':
      return afterFailure(afterLive(state.refused, input), input, policy);
    case 'parked':
    case 'waiting':
    case 'closed':
      return stay(state);
  }
}

/**
 * A session that is refused soon after each response would cause a login for each, so these wait longer and longer. The
 * refusals are not final, because responses came.
 */
function afterLive(refused: number, { error, early }: Ended): StreamTrouble {
  return early && error && isRefusal(error)
    ? { failures: refused, refusals: Math.min(refused, 1), reset: false }
    : NO_STREAM_TROUBLE;
}

function afterFailure(before: StreamTrouble, input: Ended, { onInvalid, maxAttempts }: LifePolicy): LifeStep {
  const { wanted } = input;
  const error = input.error ?? endedByServer();
  const trouble = { ...before, ...oneMore(before, error) };
  if (error.code === 'replay-id-invalid') return afterInvalid(trouble, error, wanted, onInvalid);
  // Where nothing is wanted, no other stream is opened for now, so the attempts cannot be used up.
  const remedy = remedyFor(error, trouble, { ...input, maxAttempts: wanted ? maxAttempts : Infinity });
  if (remedy.type === 'fail') return fail(remedy.error);
  // A server closes an idle stream. That is no fault, and no reason to come back before there is room.
  if (!wanted) return park(isRefusal(error) ? trouble : before);
  return remedy.type === 'again' ? connect(trouble) : waitFor(remedy.delayMs, trouble, input.error);
}

/** A second time in a row, the position is not the reason, as it was given up. */
function afterInvalid(trouble: StreamTrouble, error: RxforceError, wanted: boolean, policy: InvalidPolicy): LifeStep {
  if (policy === 'fail' || trouble.reset) return fail(error);
  const reset: LifeEffect = { type: 'reset', policy, error };
  const given = { ...trouble, reset: true };
  return wanted ? connect(given, reset) : park(given, reset);
}

function waitFor(
  delayMs: number,
  { failures, refusals, reset }: StreamTrouble,
  cause: RxforceError | undefined,
): LifeStep {
  return {
    state: { type: 'waiting', failures, refusals, reset },
    effects: [{ type: 'pause', attempt: failures, delayMs, cause }],
  };
}

function endedByServer(): RxforceError {
  return new StreamEndedError(
    'The server ended the stream, and did so again each time it was opened. See maxAttempts.',
    { retriable: true },
  );
}

function drain(state: LifeState): LifeStep {
  switch (state.type) {
    case 'connecting':
    case 'live':
      return { state: { type: 'draining' }, effects: [{ type: 'halfClose' }] };
    case 'draining':
      return stay(state);
    case 'parked':
    case 'waiting':
    case 'closed':
      return close(state);
  }
}

function close(state: LifeState): LifeStep {
  switch (state.type) {
    case 'connecting':
    case 'live':
    case 'draining':
      return { state: { type: 'closed' }, effects: [{ type: 'cancel' }] };
    case 'waiting':
      return { state: { type: 'closed' }, effects: [{ type: 'cancelPause' }] };
    case 'parked':
    case 'closed':
      return { state: { type: 'closed' }, effects: [] };
  }
}

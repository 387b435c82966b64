import type { RxforceError } from '../model/errors.js';
import { backoffMs, RECONNECT, SLOWER } from './backoff.js';

/** Where a subscription stands with its streams. */
export type SessionState =
  /** Nothing is wanted, and there is no stream. */
  | { readonly type: 'parked' }
  /** A stream was opened, and no response came yet. */
  | ({ readonly type: 'connecting' } & Trouble)
  /** Responses come. */
  | { readonly type: 'live' }
  /** The stream broke; another is opened after a pause. */
  | ({ readonly type: 'waiting' } & Trouble)
  /** It is over. */
  | { readonly type: 'closed' };

/** What has gone wrong since the last response. */
interface Trouble {
  /** Which attempt to open a stream this is, or was; from 1. */
  readonly attempt: number;
  /** Whether a login was refused: a second time in a row is final. */
  readonly loginRefused: boolean;
}

/** What happens to a session. */
export type SessionInput =
  /** There is room for events. */
  | { readonly type: 'wanted' }
  /** The server sent a response. */
  | { readonly type: 'response' }
  /** The stream is over: in peace where there is no error. */
  | {
      readonly type: 'ended';
      readonly error: RxforceError | undefined;
      /** Whether there is room for events. */
      readonly wanted: boolean;
      /** Chance, from 0 to 1. */
      readonly random: number;
    }
  /** The pause is over. */
  | { readonly type: 'pauseOver'; readonly wanted: boolean }
  /** The subscription is over. */
  | { readonly type: 'close' };

/** What is to be done, once the state is left. */
export type SessionEffect =
  | { readonly type: 'open'; readonly attempt: number }
  | { readonly type: 'cancel' }
  | {
      readonly type: 'pause';
      readonly attempt: number;
      readonly delayMs: number;
      readonly cause: RxforceError | undefined;
    }
  | { readonly type: 'park' }
  | { readonly type: 'fail'; readonly error: RxforceError };

/** A state, and what is to be done on the way to it. */
export interface SessionStep {
  readonly state: SessionState;
  readonly effects: readonly SessionEffect[];
}

/** Where every session begins. */
export const PARKED: SessionState = { type: 'parked' };

/** The life of a session: what follows when something happens in a state. Pure; what does not fit a state changes nothing. */
export function sessionStep(state: SessionState, input: SessionInput): SessionStep {
  switch (input.type) {
    case 'wanted':
      return state.type === 'parked' ? connecting({ attempt: 1, loginRefused: false }) : stay(state);
    case 'response':
      return state.type === 'connecting' ? { state: { type: 'live' }, effects: [] } : stay(state);
    case 'ended':
      return hasStream(state) ? afterEnd(troubleOf(state), input) : stay(state);
    case 'pauseOver':
      return state.type === 'waiting' ? afterPause(state, input.wanted) : stay(state);
    case 'close':
      return state.type === 'closed' ? stay(state) : { state: { type: 'closed' }, effects: [{ type: 'cancel' }] };
  }
}

function stay(state: SessionState): SessionStep {
  return { state, effects: [] };
}

function hasStream(state: SessionState): state is Extract<SessionState, { type: 'connecting' | 'live' }> {
  return state.type === 'connecting' || state.type === 'live';
}

/** Only a response that came wipes the slate: a server that accepts and hangs up at once must not be hammered. */
function troubleOf(state: Extract<SessionState, { type: 'connecting' | 'live' }>): Trouble {
  return state.type === 'live' ? { attempt: 0, loginRefused: false } : state;
}

function connecting({ attempt, loginRefused }: Trouble): SessionStep {
  return { state: { type: 'connecting', attempt, loginRefused }, effects: [{ type: 'open', attempt }] };
}

function afterEnd(trouble: Trouble, input: Extract<SessionInput, { type: 'ended' }>): SessionStep {
  const { error, wanted, random } = input;
  if (error?.code === 'authentication' && !trouble.loginRefused) {
    // The session had expired, most likely: the next stream is opened with a new login, at once.
    return connecting({ attempt: trouble.attempt + 1, loginRefused: true });
  }
  if (error && !error.retriable) return { state: { type: 'closed' }, effects: [{ type: 'fail', error }] };
  // A server closes a stream that nothing is asked of; that is no fault, and no reason to come back before there is room.
  if (!wanted) return { state: PARKED, effects: [{ type: 'park' }] };
  const attempt = trouble.attempt + 1;
  const delayMs = backoffMs(attempt, error?.code === 'throttled' ? SLOWER : RECONNECT, random);
  return {
    state: { type: 'waiting', attempt, loginRefused: trouble.loginRefused },
    effects: [{ type: 'pause', attempt, delayMs, cause: error }],
  };
}

function afterPause({ attempt, loginRefused }: Trouble, wanted: boolean): SessionStep {
  return wanted ? connecting({ attempt: attempt + 1, loginRefused }) : { state: PARKED, effects: [{ type: 'park' }] };
}

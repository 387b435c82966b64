import { expect } from 'chai';
import fc from 'fast-check';
import type { RxforceError } from '../model/errors.js';
import {
  PARKED,
  lifeStep,
  type LifeEffect,
  type LifeInput,
  type LifePolicy,
  type LifeState,
  type LifeStep,
} from './life-step.js';
import {
  after,
  broken,
  close,
  closed,
  connecting,
  drain,
  ended,
  fail,
  fatal,
  invalid,
  open,
  pause,
  refused,
  reset,
  type Step,
  throttled,
  unwanted,
  waiting,
  World,
} from '../../test/support/life-world.js';

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

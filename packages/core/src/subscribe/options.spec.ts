import { expect } from 'chai';
import { FakeStore } from '../../test/support/fake-store.js';
import { anotherCopy } from '../../test/support/another-copy.js';
import { ConfigurationError } from '../model/errors.js';
import { ReplayId } from '../model/replay-id.js';
import { resolveSubscribeOptions, type SubscribeOptions } from './options.js';

const store = new FakeStore();
class NoReplayId {
  toString(): string {
    return 'AAAA';
  }
}

const TOO_LONG = 2 ** 31;

describe('resolveSubscribeOptions', () => {
  it('fills in the defaults', () => {
    expect(resolveSubscribeOptions({})).to.deep.equal({
      replay: { from: 'latest', store: undefined, name: 'default', onInvalid: 'fail', commitIntervalMs: 1_000 },
      demand: { window: 200, refillAt: 50 },
      silenceTimeoutMs: 300_000,
      stuck: { stuckAfterMs: 1_800_000, stuckAfterEvents: 100_000 },
      maxAttempts: Infinity,
      earlySettlement: 'error',
      onUnheld: undefined,
      settle: 'on-hold',
      onMismatch: 'warn',
    });
  });

  it('takes what it is given', () => {
    const onUndecodable = () => undefined;
    const fields = ['Name'];
    const replay = { from: 'earliest', store, name: 'crm', onInvalid: 'latest', commitIntervalMs: 0 } as const;
    const rest = {
      ...({ silenceTimeoutMs: 1, maxAttempts: 1, onMismatch: 'error' } as const),
      ...({ earlySettlement: 'warn', onUnheld: 'warn', settle: 'on-return' } as const),
    } as const;
    expect(
      resolveSubscribeOptions({
        ...{ ...rest, replay, fields, onUndecodable },
        ...{ window: 10, refillAt: 10, stuckAfterMs: 1, stuckAfterEvents: 10 },
      }),
    ).to.deep.equal({
      ...{ ...rest, replay, fields, onUndecodable },
      demand: { window: 10, refillAt: 10 },
      stuck: { stuckAfterMs: 1, stuckAfterEvents: 10 },
    });
  });

  it('takes a replay id of another copy of the package for its own', async () => {
    const { ReplayId: Other } = await anotherCopy();
    const foreign = Other.parse('AAAA');
    for (const replay of [foreign, { from: foreign }]) {
      const { from } = resolveSubscribeOptions({ replay }).replay;
      expect(from)
        .to.be.instanceOf(ReplayId)
        .and.satisfy((id: ReplayId) => id.toString() === 'AAAA');
    }
  });

  for (const replay of ['latest', 'earliest', ReplayId.parse('AAAA'), new Date(0)] as const) {
    it(`takes ${String(replay)} for where to start, alone and by name`, () => {
      expect(resolveSubscribeOptions({ replay }).replay.from).to.equal(replay);
      expect(resolveSubscribeOptions({ replay: { from: replay } }).replay.from).to.equal(replay);
    });
  }

  it('takes a policy without a store', () => {
    expect(resolveSubscribeOptions({ replay: { onInvalid: 'earliest' } }).replay.onInvalid).to.equal('earliest');
  });

  it('takes a store that cannot lock', () => {
    const plain = { load: () => store.load({} as never), save: () => store.save({} as never, new Date()) };
    expect(resolveSubscribeOptions({ replay: { store: plain } }).replay.store).to.equal(plain);
  });

  it('lets as many events wait as the window holds, when that is large', () => {
    expect(resolveSubscribeOptions({ window: 150_000 }).stuck.stuckAfterEvents).to.equal(150_000);
  });

  const bad: readonly [what: string, options: unknown, message: RegExp][] = [
    ['an unknown name', { windows: 3 }, /no option "windows".* replay, window/],
    ['an unknown name under replay', { replay: { policy: 'fail' } }, /no option "replay.policy".* from, store/],
    ['a window of 0', { window: 0 }, /window is 0/],
    ['a window that is no whole number', { window: 1.5 }, /window is 1.5/],
    ['a window that is a text', { window: '10' }, /window is '10', .* '10' is a text; give the number 10/],
    ['a refill threshold above the window', { window: 5, refillAt: 6 }, /refillAt is 6.* from 1 to 5/],
    ['a silence of 0', { silenceTimeoutMs: 0 }, /silenceTimeoutMs is 0/],
    ['a silence that no timer can take', { silenceTimeoutMs: TOO_LONG }, /silenceTimeoutMs is 2147483648/],
    ['a silence that never ends', { silenceTimeoutMs: Infinity }, /silenceTimeoutMs is Infinity/],
    ['a stuck time of 0', { stuckAfterMs: 0 }, /stuckAfterMs is 0/],
    ['a stuck time that no timer can take', { stuckAfterMs: TOO_LONG }, /stuckAfterMs is 2147483648/],
    [
      'fewer stuck events than the window holds',
      { window: 200, stuckAfterEvents: 199 },
      /stuckAfterEvents is 199.* 200/,
    ],
    ['stuck events that are no number', { stuckAfterEvents: NaN }, /stuckAfterEvents is NaN/],
    ['no attempts', { maxAttempts: 0 }, /maxAttempts is 0/],
    ['attempts that are no whole number', { maxAttempts: 2.5 }, /maxAttempts is 2.5/],
    ['fewer attempts than none', { maxAttempts: -Infinity }, /maxAttempts is -Infinity/],
    ['fields that are no list', { fields: 'Name' }, /fields must be an array/],
    ['a handler that is no function', { onUndecodable: true }, /onUndecodable must be a function/],
    ['an unknown policy of early settlement', { earlySettlement: 'ignore' }, /earlySettlement is ignore/],
    ['an unknown policy of names', { onMismatch: 'never' }, /onMismatch is never/],
    ['a replay id as a number', { replay: 12_345 }, /replay is 12345, .*\{ from, store/],
    ['a replay preset that does not exist', { replay: 'oldest' }, /replay is oldest/],
    ['no replay at all', { replay: null }, /replay is null/],
    ['a time that is none', { replay: new Date(NaN) }, /replay is Invalid Date/],
    ['a list', { replay: [] }, /replay is , /],
    ['what only looks like a replay id', { replay: new NoReplayId() }, /replay is AAAA/],
    ['a replay preset that does not exist, by name', { replay: { from: 'oldest' } }, /replay.from is oldest/],
    ['a time that is none, by name', { replay: { from: new Date(NaN) } }, /replay.from is Invalid Date/],
    ['a start that is null', { replay: { from: null } }, /replay.from is null/],
    ['a store that is none', { replay: { store: {} } }, /replay.store must be a replay store/],
    ['a store that is null', { replay: { store: null } }, /replay.store must be a replay store/],
    ['a store that is a path', { replay: { store: './replay' } }, /replay.store must be a replay store/],
    [
      'a store that cannot save',
      { replay: { store: { load: () => undefined } } },
      /replay.store must be a replay store/,
    ],
    ['a name without a store', { replay: { name: 'crm' } }, /replay.name .* need replay.store/],
    ['a commit interval without a store', { replay: { commitIntervalMs: 5 } }, /need replay.store/],
    ['an empty name', { replay: { store, name: '' } }, /replay.name is ""/],
    ['a name that is no text', { replay: { store, name: 7 } }, /replay.name is 7/],
    ['an unknown policy', { replay: { onInvalid: 'ignore' } }, /replay.onInvalid is "ignore"/],
    ['a commit interval below 0', { replay: { store, commitIntervalMs: -1 } }, /replay.commitIntervalMs is -1/],
    ['a commit interval that no timer can take', { replay: { store, commitIntervalMs: TOO_LONG } }, /2147483648/],
  ];
  for (const [what, options, message] of bad) {
    it(`refuses ${what}`, () => {
      expect(() => resolveSubscribeOptions(options as SubscribeOptions)).to.throw(ConfigurationError, message);
    });
  }
});

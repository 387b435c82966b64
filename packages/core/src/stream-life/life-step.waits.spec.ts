import { expect } from 'chai';
import { RxforceError } from '../model/errors.js';
import { lifeStep } from './life-step.js';
import {
  after,
  broken,
  closed,
  connecting,
  ended,
  live,
  pause,
  POLICY,
  refused,
  response,
  throttled,
  waiting,
} from '../../test/support/life-world.js';

describe('lifeStep', () => {
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
});

import { expect } from 'chai';
import { AuthenticationError, ConnectionError, ServiceError } from '@rxforce/core/model';
import { VirtualTimeScheduler } from 'rxjs';
import { isOutage, SinkError } from '../sinks/sink.js';
import { noSchema } from '../sinks/source-error.js';
import { LetterFailures, SinkIsOutError } from './letter-failures.js';

const AWAY = new SinkError('HTTP 503.', { outage: true });
const BROKEN = new SinkError('HTTP 500.');
const REFUSED = new SinkError('HTTP 422.', { retriable: false });

function failuresAt() {
  const clock = new VirtualTimeScheduler();
  const plan = { label: 'AccountChangeEvent', sink: 'hook', retryDelayMs: 60_000 };
  const failures = new LetterFailures(plan, { scheduler: clock, random: () => 1 });
  const judged = (error: unknown) => isOutage(failures.judge(error, [], 0));
  const at = (ms: number) => {
    clock.frame = ms;
    return failures;
  };
  return { failures, judged, at };
}

describe('LetterFailures', () => {
  it('waits for a sink that says that it is out, for 10 s at most', () => {
    const { at } = failuresAt();
    expect([0, 1_000, 2_000, 4_000].map((ms) => at(ms).waitAfter(AWAY))).to.deep.equal([1_000, 1_000, 2_000, 4_000]);
    expect(() => at(8_000).waitAfter(AWAY)).to.throw(SinkIsOutError, 'The sink hook is out: HTTP 503.');
  });

  it('does not wait for one that asks for more than that', () => {
    const { at } = failuresAt();
    expect(at(0).waitAfter(new SinkError('HTTP 429.', { outage: true, retryAfterMs: 10_000 }))).to.equal(10_000);
    expect(() => at(0).waitAfter(new SinkError('HTTP 429.', { outage: true, retryAfterMs: 10_001 }))).to.throw(
      'is out',
    );
  });

  it('waits anew, once a letter got through or was refused', () => {
    const { at, judged } = failuresAt();
    at(0).waitAfter(AWAY);
    at(9_000).gotThrough();
    expect(at(9_000).waitAfter(AWAY)).to.equal(1_000);
    judged(REFUSED);
    expect(at(15_000).waitAfter(AWAY)).to.be.lessThan(10_000);
  });

  it('waits for a schema as for a sink, and names no sink, and does not wait where the login is refused', () => {
    const { at, judged } = failuresAt();
    const noAnswer = noSchema(new ConnectionError('Nobody answers.', { retriable: true }));
    expect([judged(noAnswer), at(0).waitAfter(noAnswer)]).to.deep.equal([true, 1_000]);
    const said = (what: string) => new RegExp(`^The schema of the events cannot be had: ${what}$`);
    expect(() => at(10_000).waitAfter(noAnswer)).to.throw(SinkIsOutError, said('Nobody answers.'));
    at(10_000).gotThrough();
    const refused = noSchema(new AuthenticationError('The login was refused.'));
    expect(() => at(10_000).waitAfter(refused)).to.throw(SinkIsOutError, said('The login was refused.'));
  });

  it('does not wait for a schema that may be wrong by itself, and ends after ten letters in a row without one', () => {
    const { judged, failures } = failuresAt();
    const internal = noSchema(new ServiceError('The stream broke.', { retriable: true }));
    expect(Array.from({ length: 10 }, () => judged(internal)).indexOf(true)).to.equal(9);
    expect(() => failures.waitAfter(internal))
      .to.throw('none of 10 letters in a row: The schema of')
      .with.property('cause', internal);
  });

  it('ends after ten letters in a row that failed, none of them for good', () => {
    const { failures, judged } = failuresAt();
    const nine = Array.from({ length: 9 }, () => judged(BROKEN));
    expect([nine.includes(true), judged(REFUSED)]).to.deep.equal([false, false]);
    Array.from({ length: 9 }, () => judged(BROKEN));
    failures.gotThrough();
    expect(Array.from({ length: 10 }, () => judged(BROKEN)).indexOf(true)).to.equal(9);
    expect(() => failures.waitAfter(BROKEN)).to.throw('The sink hook has taken none of 10 letters in a row: HTTP 500.');
  });
});

import { expect } from 'chai';
import { VirtualTimeScheduler } from 'rxjs';
import { ServiceError } from '@rxforce/core/model';
import { changeEvent } from '@rxforce/core/testing';
import { isOutage, SinkError } from '../sinks/sink.js';
import { noSchema, SourceError } from '../sinks/source-error.js';
import { LONGEST_DOUBT_MS, OwnFailures } from './own-failures.js';

const [poison, good, other] = ['poison', 'good', 'other'].map((id) => changeEvent({ id }));
const broken = new SinkError('HTTP 500', { retriable: true, retryAfterMs: 7 });

describe('OwnFailures', () => {
  let clock: VirtualTimeScheduler;
  let failures: OwnFailures;

  beforeEach(() => {
    clock = new VirtualTimeScheduler();
    failures = new OwnFailures(clock);
  });

  /** An attempt that fails. Returns whether that is the event's own failure. */
  const fails = (event = poison!, began = failures.began()) => !isOutage(failures.judge(broken, [event], began));
  const getsThrough = () => failures.gotThrough(failures.began());

  it('takes all failures for an outage, while nothing gets through', () => {
    expect([fails(), fails(good), fails(), fails(good), fails(other)]).to.deep.equal(Array(5).fill(false));
  });

  it('takes each failure for the own one of an event, before which another event got through', () => {
    expect(fails()).to.equal(false);
    for (const again of [1, 2, 3]) {
      getsThrough();
      expect(fails(), `attempt ${again}`).to.equal(true);
    }
    // Nothing got through since: by now, the sink may be broken.
    expect(fails()).to.equal(false);
  });

  it('does the same with a schema that cannot be had, which stays no failure of the sink', () => {
    const internal = noSchema(new ServiceError('The stream broke.', { retriable: true }));
    const judged = () => failures.judge(internal, [poison!], failures.began());
    expect(judged()).to.be.instanceOf(SourceError).with.property('outage', true);
    getsThrough();
    expect(judged()).to.equal(internal);
  });

  it('counts the first failure, when an event that was sent later got through before it', () => {
    const began = failures.began();
    getsThrough();
    expect(fails(poison, began)).to.equal(true);
  });

  it('does not count what got through, when it was sent before the failure', () => {
    const before = failures.began();
    const began = failures.began();
    failures.gotThrough(before);
    expect(fails(poison, began)).to.equal(false);
    const meanwhile = failures.began();
    expect(fails()).to.equal(false);
    failures.gotThrough(meanwhile);
    expect(fails()).to.equal(false);
  });

  it('takes one event for the cause once nothing got through for an hour, and after another hour the next one', () => {
    const at = (ms: number, event = poison!) => {
      clock.frame = ms;
      return fails(event);
    };
    expect([at(0), at(LONGEST_DOUBT_MS - 1), at(LONGEST_DOUBT_MS)]).to.deep.equal([false, false, true]);
    expect([at(LONGEST_DOUBT_MS + 1, good), at(LONGEST_DOUBT_MS + 1)], 'it alone').to.deep.equal([false, true]);
    expect([at(2 * LONGEST_DOUBT_MS - 1, good), at(2 * LONGEST_DOUBT_MS, good)]).to.deep.equal([false, true]);
  });

  it('begins the hour anew, when something gets through', () => {
    fails();
    clock.frame = LONGEST_DOUBT_MS;
    getsThrough();
    // It is the event's own failure, as another got through; of the next one, nothing is known yet.
    expect([fails(), fails(good)]).to.deep.equal([true, false]);
    clock.frame = 2 * LONGEST_DOUBT_MS - 1;
    expect(fails(good)).to.equal(false);
  });

  it('leaves the failures of batches, which are tried in parts, and errors that say by themselves what they are', () => {
    const judge = (error: unknown, events = [poison!]) => failures.judge(error, events, failures.began());
    const final = new SinkError('HTTP 422', { retriable: false });
    const away = new SinkError('HTTP 503', { outage: true });
    expect([judge(broken, [poison!, good!]), judge(final), judge(away)]).to.deep.equal([broken, final, away]);
  });

  it('keeps what an error says', () => {
    const judged = failures.judge(broken, [poison!], failures.began());
    expect(judged).to.be.instanceOf(SinkError).and.include({ message: 'HTTP 500', retryAfterMs: 7, cause: broken });
    expect(failures.judge('no error', [good!], failures.began())).to.include({ message: 'no error', outage: true });
  });

  it('leaves the failures of what is no event, which a pipeline may give', () => {
    expect(failures.judge(broken, ['text' as never], failures.began())).to.equal(broken);
  });
});

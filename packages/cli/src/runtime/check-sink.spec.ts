import { expect } from 'chai';
import { AuthenticationError, ConfigurationError, ConnectionError } from '@rxforce/core/model';
import { VirtualTimeScheduler } from 'rxjs';
import { SinkError } from '../sinks/sink.js';
import { SourceError } from '../sinks/source-error.js';
import { checkSink } from './check-sink.js';

const sinkWith = (check: () => Promise<void>) => ({ check, write: () => Promise.resolve() });

describe('checkSink', () => {
  it('waits 10 s for an answer, and then says that there was none', async () => {
    const clock = new VirtualTimeScheduler();
    const silent = sinkWith(() => new Promise(() => undefined));
    const why = checkSink('mine', silent, { scheduler: clock });
    clock.flush();
    expect(await why).to.equal('it has not answered for 10 s.');
    expect(clock.frame).to.equal(10_000);
  });

  it('leaves no timer, when the sink has answered', async () => {
    const clock = new VirtualTimeScheduler();
    expect(
      await checkSink(
        'mine',
        sinkWith(() => Promise.resolve()),
        { scheduler: clock },
      ),
    ).to.equal(undefined);
    expect(await checkSink('mine', { write: () => Promise.resolve() }, { scheduler: clock })).to.equal(undefined);
    clock.flush();
    expect(clock.frame).to.equal(0);
  });

  it('says what may pass, and throws what is wrong for good', async () => {
    const away = () => Promise.reject(new SinkError('nobody listens.'));
    expect(await checkSink('mine', sinkWith(away))).to.equal('nobody listens.');
    const wrong = sinkWith(() => Promise.reject(new SinkError('no such table.', { retriable: false })));
    const error: unknown = await checkSink('mine', wrong).catch((thrown: unknown) => thrown);
    expect(error)
      .to.be.instanceOf(ConfigurationError)
      .with.property('message', 'The sink mine cannot be written to: no such table.');
  });

  it('says when it comes that a sink is wrong for good, after it was given up, and nothing that may pass', async () => {
    const lateWith = async (error: Error) => {
      const clock = new VirtualTimeScheduler();
      const said: string[] = [];
      let fail: (error: Error) => void = () => undefined;
      const slow = sinkWith(() => new Promise((_resolve, reject) => (fail = reject)));
      const why = checkSink('mine', slow, { scheduler: clock, later: (text) => said.push(text) });
      clock.flush();
      await why;
      fail(error);
      await new Promise(setImmediate);
      return said;
    };
    expect(await lateWith(new SinkError('no such table.', { retriable: false }))).to.deep.equal(['no such table.']);
    expect(await lateWith(new SinkError('nobody listens.'))).to.deep.equal([]);
    // Events wait for a login.
    const refused = new AuthenticationError('The login was refused.');
    expect(await lateWith(new SourceError('The URL of the org', refused))).to.deep.equal([]);
  });

  it('says what the org says, where the sink has to ask it for something', async () => {
    const refused = new AuthenticationError('The login was refused.');
    const asking = sinkWith(() => Promise.reject(new SourceError('The URL of the org', refused)));
    expect(await checkSink('mine', asking).catch((thrown: unknown) => thrown)).to.equal(refused);
    const away = new ConnectionError('Nobody answers.', { retriable: true });
    const waiting = sinkWith(() => Promise.reject(new SourceError('The URL of the org', away)));
    expect(await checkSink('mine', waiting)).to.equal('The URL of the org cannot be had: Nobody answers.');
  });
});

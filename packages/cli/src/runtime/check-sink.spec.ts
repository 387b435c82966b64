import { expect } from 'chai';
import { ConfigurationError } from '@rxforce/core/model';
import { VirtualTimeScheduler } from 'rxjs';
import { SinkError } from '../sinks/sink.js';
import { checkSink } from './check-sink.js';

const sinkWith = (check: () => Promise<void>) => ({ check, write: () => Promise.resolve() });

describe('checkSink', () => {
  it('waits 10 s for an answer, and then says that there was none', async () => {
    const clock = new VirtualTimeScheduler();
    const silent = sinkWith(() => new Promise(() => undefined));
    const why = checkSink('mine', silent, clock);
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
        clock,
      ),
    ).to.equal(undefined);
    expect(await checkSink('mine', { write: () => Promise.resolve() }, clock)).to.equal(undefined);
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
});

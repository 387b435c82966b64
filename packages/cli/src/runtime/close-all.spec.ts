import { expect } from 'chai';
import { VirtualTimeScheduler } from 'rxjs';
import { closeAll, closedAfter, closeInTime, NotClosedError } from './close-all.js';

describe('closeAll', () => {
  it('closes all, and rejects with the first error, when some fail', async () => {
    const closed: string[] = [];
    const of = (name: string, error?: Error) => ({
      close: async () => {
        closed.push(name);
        await Promise.resolve();
        if (error) throw error;
      },
    });
    const first = new Error('of b');
    const all = [of('a'), undefined, of('b', first), {}, of('c', new Error('of c')), of('d')];
    const told: unknown[] = [];
    const error: unknown = await closeAll(all, (other) => told.push(other)).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error).to.equal(first);
    expect(told.map(String)).to.deep.equal(['Error: of c']);
    expect(closed).to.deep.equal(['a', 'b', 'c', 'd']);
  });
});

describe('closeInTime', () => {
  const failure = (work: Promise<void>) => work.catch((error: unknown) => error);

  it('leaves what does not close within 10 s, and says what it was', async () => {
    const clock = new VirtualTimeScheduler();
    const never = () => new Promise<void>(() => undefined);
    const closing = failure(closeInTime('The sink crm', { close: never }, clock));
    clock.flush();
    expect(await closing)
      .to.be.instanceOf(NotClosedError)
      .and.include({ message: 'The sink crm did not close within 10 s, and was left.' });
    expect(clock.now()).to.equal(10_000);
  });

  it('closes what there is, and rejects with its error', async () => {
    const error = new Error('of closing');
    expect(await failure(closeInTime('It', { close: () => Promise.reject(error) }))).to.equal(error);
    expect(await failure(closeInTime('It', undefined))).to.equal(undefined);
    expect(await failure(closeInTime('It', {}))).to.equal(undefined);
  });
});

describe('closedAfter', () => {
  const attempt = async (work: () => Promise<string>, close: () => Promise<void>) => {
    const told: unknown[] = [];
    const ended = await closedAfter(work, close, (error) => told.push(error)).catch((error: unknown) => error);
    return { ended, told };
  };
  const [ofWork, ofClose] = [new Error('of the work'), new Error('of closing')];

  it('gives what the work gave, after it has closed', async () => {
    let isClosed = false;
    const close = () => Promise.resolve().then(() => void (isClosed = true));
    const { ended, told } = await attempt(() => Promise.resolve('done'), close);
    expect({ ended, told, isClosed }).to.deep.equal({ ended: 'done', told: [], isClosed: true });
  });

  it('rejects with the error of the work, and tells that of closing, when both fail', async () => {
    const { ended, told } = await attempt(
      () => Promise.reject(ofWork),
      () => Promise.reject(ofClose),
    );
    expect(ended).to.equal(ofWork);
    expect(told).to.deep.equal([ofClose]);
  });

  it('rejects with the error of closing, when the work is done', async () => {
    const { ended, told } = await attempt(
      () => Promise.resolve('done'),
      () => Promise.reject(ofClose),
    );
    expect(ended).to.equal(ofClose);
    expect(told).to.deep.equal([]);
  });
});

import { expect } from 'chai';
import { delay, filter, merge, mergeMap, share } from 'rxjs';
import { SourceBench } from '../../test/support/source-bench.js';
import { SettledEarlyError, UnheldError } from '../model/errors.js';

describe('deliverySource', () => {
  let bench: SourceBench;

  beforeEach(() => {
    bench = new SourceBench();
  });

  it('settles nothing and errors, when nothing is known to work', async () => {
    let error: unknown;
    const finished: (() => void)[] = [];
    const work = mergeMap(() => new Promise<void>((resolve) => finished.push(resolve)));
    bench
      .source({ window: 3 })
      .pipe(work)
      .subscribe({ error: (thrown: unknown) => (error = thrown) });
    bench.deliver(1, 2, 3);
    await bench.time.pass(10_000);
    finished.forEach((done) => done());
    await bench.time.pass(10_000);
    expect(error).to.be.instanceOf(SettledEarlyError);
    expect((error as Error).message)
      .to.include('the queue orders')
      .and.not.include('replay id');
    expect(error).not.to.have.property('replayId', '');
    expect(bench.settled).to.deep.equal([]);
    expect(bench.unsettled.map(([number]) => number)).to.deep.equal([1, 2, 3]);
  });

  it('errors, when the values leave to where nobody is known to work', async () => {
    let error: unknown;
    bench.source({ window: 2 }).subscribe({ error: (thrown: unknown) => (error = thrown) });
    bench.deliver(1, 2);
    await bench.time.pass(20_000);
    expect(error).to.be.instanceOf(UnheldError);
    expect(bench.settled).to.deep.equal([]);
    expect(bench.unsettled.map(([number]) => number)).to.deep.equal([1, 2]);
  });

  it('errors, when a plain operator delays values before the work', async () => {
    const errors: unknown[] = [];
    bench
      .source()
      .pipe(delay(5, bench.time), bench.work)
      .subscribe({ error: (error: unknown) => errors.push(error) });
    bench.deliver(1);
    await bench.time.pass(100);
    expect(errors).to.have.length(1);
    expect(errors[0]).to.be.instanceOf(SettledEarlyError);
    expect(bench.unsettled.map(([number]) => number)).to.deep.equal([1]);
    expect(bench.settled).to.deep.equal([]);
  });

  it('says that values were reported before, when a mistake is found after work was seen', async () => {
    const errors: Error[] = [];
    const values$ = bench.source().pipe(share());
    merge(
      values$.pipe(
        filter((value) => value === 1),
        bench.work,
      ),
      values$.pipe(
        filter((value) => value !== 1),
        delay(5, bench.time),
        bench.work,
      ),
    ).subscribe({ error: (error: unknown) => errors.push(error as Error) });
    bench.deliver(1);
    bench.finish(1);
    bench.deliver(2);
    await bench.time.pass(100);
    expect(errors.map(({ name }) => name)).to.deep.equal(['SettledEarlyError']);
    expect(errors[0]?.message).to.include('reported as settled before').and.not.include('so they come again');
  });

  it('settles what filters drop, once somebody was seen to work', () => {
    bench
      .source()
      .pipe(
        filter((value) => value > 1),
        bench.work,
      )
      .subscribe();
    bench.deliver(1);
    expect(bench.settled).to.deep.equal([]);
    bench.deliver(2);
    bench.finish(2);
    expect(bench.settled).to.deep.equal([1, 2]);
  });
});

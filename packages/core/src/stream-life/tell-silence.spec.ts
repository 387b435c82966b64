import { expect } from 'chai';
import { Subject } from 'rxjs';
import { runMarbles } from '../testing/run-marbles.js';
import { silentStore, tellSilence } from './tell-silence.js';

describe('tellSilence', () => {
  it('tells every half a minute that there is no answer, and passes on the answer', () => {
    const told: [number, number][] = [];
    runMarbles(({ cold, scheduler, expectObservable }) => {
      const answered = cold('70s (a|)').pipe(tellSilence(scheduler, (times) => told.push([scheduler.now(), times])));
      expectObservable(answered).toBe('70s (a|)');
    });
    expect(told).to.deep.equal([
      [30_000, 1],
      [60_000, 2],
    ]);
  });

  it('tells nothing more after an error, nor after it was unsubscribed', () => {
    const told: number[] = [];
    runMarbles(({ cold, scheduler, expectObservable, flush }) => {
      expectObservable(cold('10s #').pipe(tellSilence(scheduler, (times) => told.push(times)))).toBe('10s #');
      const call = new Subject<void>();
      const subscription = call.pipe(tellSilence(scheduler, (times) => told.push(times))).subscribe();
      scheduler.schedule(() => subscription.unsubscribe(), 29_999);
      flush();
      expect(call.observed).to.equal(false);
    });
    expect(told).to.deep.equal([]);
  });

  it('says for how long a store has been silent', () => {
    expect(silentStore(3)).to.include({ code: 'replay-store', retriable: true });
    expect(silentStore(3).message).to.include('for 90 s');
  });
});

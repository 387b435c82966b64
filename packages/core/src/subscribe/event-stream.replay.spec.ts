import { expect } from 'chai';
import { map, merge, retry, share, throwError } from 'rxjs';
import { payloadOf, THING, THING_TIME, wireEvent } from '../../test/support/fake-service.js';
import { hold, operate } from '@rxforce/core/delivery';
import { inVirtualTime } from '../../test/support/in-virtual-time.js';
import { LimitExceededError } from '../model/errors.js';
import { ReplayId } from '../model/replay-id.js';

describe('eventStream', () => {
  describe('replay', () => {
    for (const replay of ['latest', 'earliest', ReplayId.parse('AAAA')] as const) {
      it(`starts from ${String(replay)}, when told to`, () => {
        inVirtualTime({ replay }, ({ service, subscribe, at }) => {
          subscribe();
          at(1, () => expect(service.stream.start.from).to.equal(replay));
        });
      });
    }

    it('goes on after the last settled event, with retry', () => {
      inVirtualTime({ replay: 'earliest', maxAttempts: 1 }, ({ service, events$, at }) => {
        const names: string[] = [];
        events$.pipe(retry({ delay: 1 })).subscribe(({ id }) => names.push(id));
        at(1, () => service.stream.send('a', 'b'));
        at(2, () => service.stream.end());
        at(5, () => {
          expect(String(service.stream.start.from)).to.equal(ReplayId.fromBytes(Buffer.from('b')).toString());
          service.stream.send('c');
          expect(names).to.deep.equal(['a', 'b', 'c']);
        });
      });
    });

    it('goes on after the last settled event, when share() connects again before the subscription has ended', () => {
      inVirtualTime({ maxAttempts: 1 }, ({ service, events$, at }) => {
        events$.pipe(share(), retry(1)).subscribe(() => undefined);
        at(1, () => service.stream.send('a'));
        at(2, () => service.stream.end());
        at(5, () => expect(String(service.stream.start.from)).to.equal(String(ReplayId.fromBytes(Buffer.from('a')))));
      });
    });

    it('goes on after the last settled event, when a subscription between ended before it began', () => {
      inVirtualTime({}, ({ service, subscribe, at }) => {
        const first = subscribe();
        at(1, () => {
          service.stream.send('a');
          first.subscription.unsubscribe();
          subscribe().subscription.unsubscribe();
          const third = subscribe();
          at(1, () => {
            expect(String(service.stream.start.from)).to.equal(String(ReplayId.fromBytes(Buffer.from('a'))));
            third.subscription.unsubscribe();
            subscribe();
          });
          at(2, () => expect(String(service.stream.start.from)).to.equal(String(ReplayId.fromBytes(Buffer.from('a')))));
        });
      });
    });

    it('brings an unsettled event again, with retry', () => {
      inVirtualTime({ replay: 'earliest' }, ({ service, events$, at }) => {
        let failures = 1;
        const handled = events$.pipe(
          map(({ id }) => {
            if (id === 'b' && failures-- > 0) throw new Error('once');
            return id;
          }),
        );
        handled.pipe(retry(1)).subscribe(() => undefined);
        at(1, () => service.stream.send('a', 'b', 'c'));
        at(3, () => expect(String(service.stream.start.from)).to.equal(String(ReplayId.fromBytes(Buffer.from('a')))));
      });
    });

    it('goes on after a keepalive, when nothing was in flight', () => {
      inVirtualTime({ maxAttempts: 1 }, ({ service, events$, at }) => {
        events$.pipe(retry(1)).subscribe();
        at(1, () => {
          service.stream.keepalive('k');
          service.stream.end();
        });
        at(3, () => expect(String(service.stream.start.from)).to.equal(String(ReplayId.fromBytes(Buffer.from('k')))));
      });
    });

    it('starts each from its own options, when subscriptions live side by side', () => {
      inVirtualTime({ replay: 'earliest' }, ({ service, subscribe, at }) => {
        const first = subscribe();
        at(1, () => service.stream.send('a'));
        at(2, () => subscribe());
        at(3, () => {
          expect(service.stream.start.from).to.equal('earliest');
          first.subscription.unsubscribe();
        });
      });
    });

    it('goes on for each where it ended, when several subscriptions end and are retried', () => {
      inVirtualTime({ replay: 'earliest', maxAttempts: 1, settle: 'on-return' }, ({ service, events$, at }) => {
        const slow = operate(events$, 'works', () => ({
          next: (event) => {
            const held = hold(event);
            if (event.id === 'a') held.release();
          },
        }));
        const pipeline = merge(slow, events$).pipe(retry(1));
        operate(pipeline, 'keeps', () => ({ next: () => undefined })).subscribe();
        at(1, () => service.streams.forEach((stream) => stream.send('a', 'b', 'c')));
        at(2, () => service.streams[0]?.end());
        at(5, () => {
          const starts = service.streams
            .slice(2)
            .map(({ start }) => Buffer.from((start.from as ReplayId).toBytes()).toString());
          expect(starts).to.deep.equal(['a', 'c']);
        });
      });
    });

    it('goes back to the time of the first event, when that was not settled', () => {
      inVirtualTime({}, ({ service, events$, warnings, at }) => {
        const names: string[] = [];
        let failures = 1;
        const once = events$.pipe(
          map(({ id }) => {
            if (failures-- > 0) throw new Error('once');
            names.push(id);
          }),
        );
        once.pipe(retry(1)).subscribe();
        at(1, () => service.stream.send('a'));
        at(3, () => {
          expect(service.stream.start.from).to.equal('earliest');
          service.stream.send(wireEvent('before', { payload: payloadOf('before', THING, THING_TIME - 1) }), 'a', 'b');
          expect(names).to.deep.equal(['a', 'b']);
          expect(warnings).to.deep.equal([]);
        });
      });
    });

    it('says so, when it cannot go back before the first event', () => {
      inVirtualTime({}, ({ service, events$, warnings, at }) => {
        service.schemas = () => throwError(() => new LimitExceededError('no'));
        events$.pipe(retry(1)).subscribe({ error: () => undefined });
        at(1, () => service.stream.send('a'));
        at(3, () => {
          expect(service.streams).to.have.length(2);
          expect(warnings[0]).to.include("starts from 'latest' again");
        });
      });
    });

    it('never starts after an empty position', () => {
      inVirtualTime({ replay: 'earliest', maxAttempts: 1 }, ({ service, events$, at }) => {
        events$.pipe(retry(1)).subscribe();
        at(1, () => {
          service.stream.send({ ...wireEvent('a'), replayId: Buffer.alloc(0) });
          service.stream.end();
        });
        at(3, () => expect(service.stream.start.from).to.equal('earliest'));
      });
    });

    it('takes the position before for an event that comes without one', () => {
      inVirtualTime({}, ({ service, events$, at }) => {
        const positions: string[] = [];
        events$.subscribe(({ replayId }) => positions.push(Buffer.from(replayId.toBytes()).toString()));
        at(1, () => {
          service.stream.send('a', { ...wireEvent('b'), replayId: Buffer.alloc(0) }, 'c');
          expect(positions).to.deep.equal(['a', 'a', 'c']);
        });
      });
    });
  });
});

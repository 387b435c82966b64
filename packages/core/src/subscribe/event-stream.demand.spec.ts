import { expect } from 'chai';
import { NEVER } from 'rxjs';
import { keep } from '../../test/support/keep.js';
import { inVirtualTime } from '../../test/support/in-virtual-time.js';
import { range } from '../../test/support/thing-stream.js';

describe('eventStream', () => {
  describe('demand', () => {
    it('asks for no more than the window, and again as events are settled', () => {
      inVirtualTime({ window: 8, refillAt: 4 }, ({ service, subscribe, at }) => {
        subscribe();
        at(1, () => {
          expect(service.stream.requests).to.deep.equal([8]);
          service.stream.send(...range(3));
          expect(service.stream.requests).to.deep.equal([8]);
          service.stream.send(...range(1, 'f'));
          expect(service.stream.requests).to.deep.equal([8, 4]);
        });
      });
    });

    it('asks for nothing, while everything is held', () => {
      inVirtualTime({ window: 5 }, ({ service, events$, statuses, at }) => {
        const releases: (() => void)[] = [];
        events$.pipe(keep((_event, held) => releases.push(() => held.release()))).subscribe();
        at(1, () => service.stream.send(...range(5)));
        at(60_000, () => {
          expect(service.stream.requests).to.deep.equal([5]);
          expect(statuses.filter(({ type }) => type === 'pressure')).to.have.length(1);
          releases[0]?.();
          expect(service.stream.requests).to.deep.equal([5, 1]);
        });
      });
    });

    it('counts events in the window while they wait for their schema', () => {
      inVirtualTime({ window: 4 }, ({ service, subscribe, statuses, at }) => {
        service.schemas = () => NEVER;
        subscribe();
        at(1, () => {
          service.stream.send(...range(4));
          expect(service.stream.requests).to.deep.equal([4]);
          expect(statuses.at(-1)).to.deep.include({ type: 'pressure', unsettled: 4, outstanding: 0 });
        });
      });
    });

    it('hands out the first of a few events before it asks for more, as a request holds the thread up', () => {
      inVirtualTime({ window: 200, refillAt: 50 }, ({ service, events$, at }) => {
        const requestsSeen: number[] = [];
        events$.subscribe(() => requestsSeen.push(service.stream.requests.length));
        at(1, () => {
          service.stream.send(...range(45));
          service.stream.send(...range(5, 'f'));
          expect(requestsSeen[45]).to.equal(1);
          expect(service.stream.requests).to.deep.equal([100, 50]);
        });
      });
    });

    it('asks for more after a few events that nobody settles, too', () => {
      inVirtualTime({ window: 200, refillAt: 50 }, ({ service, events$, at }) => {
        events$.pipe(keep(() => undefined)).subscribe();
        at(1, () => {
          service.stream.send(...range(45));
          service.stream.send(...range(5, 'f'));
          expect(service.stream.requests).to.deep.equal([100, 50]);
        });
      });
    });

    it('asks on the receipt of many events, before any is handed out, as a slow handler would hold the request up', () => {
      inVirtualTime({ window: 200, refillAt: 50 }, ({ service, events$, at }) => {
        const requestsSeen: number[] = [];
        events$.subscribe(() => requestsSeen.push(service.stream.requests.length));
        at(1, () => {
          service.stream.send(...range(50));
          expect(requestsSeen[0]).to.equal(2);
          expect(service.stream.requests).to.deep.equal([100, 50]);
        });
      });
    });

    it('survives a flood without growing the stack, when the server answers inside the request', () => {
      inVirtualTime({ window: 3 }, ({ service, events$, at }) => {
        let sent = 0;
        let received = 0;
        service.onRequest = (stream) => {
          if (sent < 20_000) stream.send(...range(stream.pending, `${(sent += stream.pending)}-`));
        };
        events$.subscribe(() => received++);
        at(1_000_000, () => expect(received).to.equal(sent).and.be.at.least(20_000));
      });
    });

    it('emits nothing inside subscribe(), and nothing inside a settlement', () => {
      inVirtualTime({ window: 1 }, ({ service, events$, at }) => {
        const order: string[] = [];
        let release: () => void = () => undefined;
        service.onRequest = (stream) => stream.send(`e${service.stream.requests.length}`);
        events$.subscribe(({ id }) => order.push(id)).unsubscribe();
        events$
          .pipe(
            keep(({ id }, held) => {
              order.push(id);
              release = () => held.release();
            }),
          )
          .subscribe();
        order.push('subscribed');
        at(10, () => {
          order.push('releasing');
          release();
          order.push('released');
        });
        at(20, () => expect(order).to.deep.equal(['subscribed', 'e1', 'releasing', 'released', 'e2']));
      });
    });
  });
});

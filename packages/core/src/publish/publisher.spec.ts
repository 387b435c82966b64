import { expect } from 'chai';
import { concatWith, EMPTY, map, NEVER, of, Subject, take } from 'rxjs';
import type { FakePublishService } from '../../test/support/fake-publish-service.js';
import { ORDERS, publishingTo } from '../../test/support/fake-publish-service.js';
import { inVirtualTime, order } from '../../test/support/virtual-publishing.js';

describe('publisher', () => {
  describe('as an operator', () => {
    it('emits a result for each event, and completes with the source', () => {
      inVirtualTime(({ cold, publisher, expectObservable, expectSubscriptions }) => {
        const source = cold('-a-b--(cd)-|');
        expectObservable(source.pipe(publisher())).toBe('-a-b--(cd)-|');
        expectSubscriptions(source.subscriptions).toBe('^----------!');
      });
    });

    it('completes at once, when the source is empty', () => {
      inVirtualTime(({ publisher, expectObservable, service, at }) => {
        expectObservable(EMPTY.pipe(publisher())).toBe('|');
        at(1, () => expect(service.streams).to.be.empty);
      });
    });

    it('never emits, when the source never does', () => {
      inVirtualTime(({ publisher, expectObservable, service, at }) => {
        expectObservable(NEVER.pipe(publisher()), '^---!').toBe('-----');
        at(4, () => expect(service.streams).to.be.empty);
      });
    });

    it('passes the error of the source on at once, and cancels what is in flight', () => {
      inVirtualTime(({ cold, publisher, expectObservable, service, at }) => {
        service.onRequest = () => undefined;
        const failure = new Error('source');
        expectObservable(cold('-a-#', failure).pipe(publisher())).toBe('---#', undefined, failure);
        at(4, () => expect(service.stream.cancelled).to.equal(true));
      });
    });

    it('unsubscribes from the source and cancels the stream, when unsubscribed', () => {
      inVirtualTime(({ cold, publisher, expectObservable, expectSubscriptions, service, at }) => {
        const source = cold('-a-b-c-d-|');
        expectObservable(source.pipe(publisher()), '^---!').toBe('-a-b-');
        expectSubscriptions(source.subscriptions).toBe('^---!');
        at(5, () => expect(service.stream.cancelled).to.equal(true));
      });
    });

    it('gives each subscription a stream of its own', () => {
      inVirtualTime(({ cold, publisher, expectObservable, service, flush }) => {
        const results = cold('-a|').pipe(publisher());
        expectObservable(results).toBe('-a|');
        expectObservable(results).toBe('-a|');
        flush();
        expect(service.streams).to.have.length(2);
      });
    });

    it('gives what a subscriber sets off during a result its place behind it', () => {
      inVirtualTime(({ publisher, service, scheduler }) => {
        const source = new Subject<unknown>();
        const seen: string[] = [];
        let completed = false;
        source.pipe(publisher()).subscribe({
          next: (name) => {
            if (name === 'a') source.next(order('b'));
            if (name === 'b') source.complete();
            seen.push(`${name}${completed ? ' too late' : ''}`);
          },
          complete: () => (completed = true),
        });
        scheduler.flush();
        source.next(order('a'));
        expect(seen).to.deep.equal(['a', 'b']);
        expect(service.names()).to.deep.equal(['a', 'b']);
        expect(completed).to.equal(true);
      });
    });
  });

  describe('batches', () => {
    const sizes = (service: FakePublishService) =>
      service.streams.flatMap(({ requests }) => requests.map(({ events }) => events.length));

    it('sends a lone event at once, and together what comes while it is in flight', () => {
      inVirtualTime(({ cold, publisher, expectObservable, service, at, flush }) => {
        service.onRequest = (stream) => at(5, () => stream.answer());
        expectObservable(cold('-a-bc-d--|').pipe(publisher())).toBe('------a----(bcd|)');
        flush();
        expect(sizes(service)).to.deep.equal([1, 3]);
      });
    });

    it('sends full batches side by side, up to maxInFlight', () => {
      inVirtualTime(({ cold, publisher, expectObservable, service, at, flush }) => {
        let most = 0;
        service.onRequest = (stream) => {
          most = Math.max(most, stream.open.length);
          at(5, () => stream.answer());
        };
        const results = cold('(abcdefg|)').pipe(publisher({ maxBatchEvents: 2, maxInFlight: 2 }));
        expectObservable(results).toBe('-----(abc)(defg|)');
        flush();
        expect(sizes(service)).to.deep.equal([1, 2, 2, 2]);
        expect(most).to.equal(2);
      });
    });

    it('waits lingerMs for more, while nothing is in flight', () => {
      inVirtualTime(({ cold, publisher, expectObservable, service, flush }) => {
        expectObservable(cold('-a-b-----c-d-----e|').pipe(publisher({ lingerMs: 4 }))).toBe('-----(ab)----(cd)-(e|)');
        flush();
        expect(sizes(service)).to.deep.equal([2, 2, 1]);
      });
    });

    it('leaves no timer behind, when unsubscribed by a result of the request that is filled', () => {
      inVirtualTime(({ publisher, service, cold, at, scheduler }) => {
        service.topicInfo = () => cold('--(a|)').pipe(map(() => service.info()));
        of({ id: 'wrong' }, order('a'))
          .pipe(concatWith(NEVER), publisher({ lingerMs: 1_000 }), take(1))
          .subscribe();
        at(3, () => expect(scheduler.actions).to.be.empty);
      });
    });

    it('keeps to maxBatchBytes', () => {
      inVirtualTime(({ publisher, service, scheduler }) => {
        const big = (name: string) => ({ id: name, data: { Name__c: name.repeat(1_000) } });
        of(big('a'), big('b'), big('c'), big('d'))
          .pipe(publisher({ maxBatchBytes: 2_200, lingerMs: 1 }))
          .subscribe();
        scheduler.flush();
        expect(sizes(service)).to.deep.equal([2, 2]);
      });
    });
  });

  describe('a client that is closed', () => {
    it('ends its publishers with an error, and abandons what is in flight', () => {
      const completed = new Subject<never>();
      inVirtualTime(
        ({ cold, publisher, service, at }) => {
          const errors: unknown[] = [];
          service.onRequest = () => undefined;
          cold('-a-')
            .pipe(publisher())
            .subscribe({ error: (error: unknown) => errors.push(error) });
          at(2, () => completed.complete());
          at(3, () => {
            expect(errors[0]).to.include({ code: 'client-closed' });
            expect(service.stream.cancelled).to.equal(true);
          });
        },
        { completed },
      );
    });

    it('makes no more', () => {
      inVirtualTime(
        ({ cold, publisher, service }) => {
          const errors: unknown[] = [];
          cold('a')
            .pipe(publisher())
            .subscribe({ error: (error: unknown) => errors.push(error) });
          expect(errors[0]).to.include({ code: 'client-closed' });
          expect(service.topicCalls).to.be.empty;
        },
        { completed: EMPTY },
      );
    });

    it('does not wait for lingerMs, when it waits until all is settled', () => {
      inVirtualTime(({ cold, service, scheduler, expectObservable, hot }) => {
        const client = publishingTo(service, scheduler);
        cold('-a-')
          .pipe(client.publisher(ORDERS, { lingerMs: 60_000 }) as never)
          .subscribe();
        expectObservable(
          hot('--x').pipe(() => client.settled),
          '--^',
        ).toBe('--(s|)', { s: undefined });
      });
    });

    it('can wait until all is settled', () => {
      inVirtualTime(({ cold, service, scheduler, at, expectObservable, hot }) => {
        service.onRequest = (stream) => at(5, () => stream.answer());
        const client = publishingTo(service, scheduler);
        expectObservable(client.settled).toBe('(s|)', { s: undefined });
        cold('-a-')
          .pipe(client.publisher(ORDERS) as never)
          .subscribe();
        expectObservable(
          hot('--x').pipe(() => client.settled),
          '--^',
        ).toBe('------(s|)', { s: undefined });
      });
    });
  });
});

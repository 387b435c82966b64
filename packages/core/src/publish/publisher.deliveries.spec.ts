import { expect } from 'chai';
import { filter, identity, map, of, tap, timer, type Observable, type Subscriber } from 'rxjs';
import { ORDERS } from '../../test/support/fake-publish-service.js';
import type { Hold } from '../delivery/delivery.js';
import { hold } from '../delivery/hold.js';
import { operate } from '../delivery/operate.js';
import type { OperatorRole } from '../delivery/operator-role.js';
import { DeliveryFailedError, PublishError } from '../model/errors.js';
import { delivered } from '../testing/delivered.js';
import type { PublisherOptions } from './options.js';
import type { PublishContext } from './publishing.js';
import { inVirtualTime } from '../../test/support/virtual-publishing.js';

describe('publisher', () => {
  describe('deliveries', () => {
    it('are settled by their results', () => {
      inVirtualTime(({ cold, publisher, service, scheduler, at, expectSettled, expectObservable }) => {
        service.onRequest = (stream) => at(5, () => stream.answer());
        const { values, settled$ } = delivered(cold('-a-b-c---'), scheduler);
        expectObservable(values.pipe(publisher()), '^-----------------!').toBe('------a----(bc)---');
        expectSettled(settled$.pipe(map((input) => (input as { id: string }).id))).toBe('------a----(bc)---');
      });
    });

    it('can be held on by who gets the result', () => {
      inVirtualTime(({ cold, publisher, service, scheduler, at, flush }) => {
        const source = delivered(cold('-a-b-|'), scheduler);
        const holds: Hold[] = [];
        service.onRequest = (stream) => at(1, () => stream.answer());
        source.values.pipe(publisher()).subscribe(() => holds.push(hold()));
        at(5, () => expect(source.settled).to.be.empty);
        at(6, () => holds.forEach((held) => held.release()));
        flush();
        expect(source.settled.map(({ at: frame }) => frame)).to.deep.equal([6, 6]);
      });
    });

    describe('whose result is an Err', () => {
      const ids = (inputs: readonly unknown[]) => inputs.map((input) => (input as { id: string }).id);
      /** Has `b` refused, and gives what becomes of `a`, `b` and `c`. */
      const refusingB = (
        take: (results: Observable<string>) => Observable<unknown>,
        options: PublisherOptions = {},
        context: Partial<PublishContext> = {},
      ) => {
        const seen: unknown[] = [];
        let error: unknown;
        let settled: readonly string[] = [];
        let unsettled: readonly string[] = [];
        inVirtualTime(({ cold, publisher, service, scheduler, flush }) => {
          service.refuse = ({ id }) => (id === 'b' ? 'No such order.' : undefined);
          const source = delivered(cold('-a-b-c-d------|'), scheduler);
          // The last subscriber has no handler of results: one would take them.
          take(source.values.pipe(publisher(options)))
            .pipe(tap((value) => seen.push(value)))
            .subscribe({ error: (thrown: unknown) => (error = thrown) });
          flush();
          settled = ids(source.settled.map(({ value }) => value));
          unsettled = ids(source.unsettled());
        }, context);
        return { seen, error, settled, unsettled };
      };
      /** An operator that has a hold of a role on each value, for so long. */
      const holding =
        (role: OperatorRole, forMs = 0) =>
        (source: Observable<string>) =>
          operate(source, role, (subscriber: Subscriber<string>) => ({
            next: (value) => {
              const held = hold(value, role);
              timer(forMs).subscribe(() => {
                held.emit(subscriber, value);
                held.release();
              });
            },
          }));

      it('fail, when nobody takes it: nothing is settled from there on, and the error says what to do', () => {
        for (const take of [
          identity,
          (results: Observable<string>) => results.pipe(filter((result) => !result.includes(':'))),
          (results: Observable<string>) => results.pipe(holding('keeps', 1)),
        ]) {
          const { error, settled, unsettled } = refusingB(take);
          expect(settled).to.deep.equal(['a']);
          expect(unsettled[0]).to.equal('b');
          expect(error).to.be.instanceOf(DeliveryFailedError);
          const { message, cause } = error as DeliveryFailedError;
          for (const part of ['No such order', '"b"', ORDERS, 'publishOrPutAside', 'handle()', "onRefused: 'settle'"]) {
            expect(message).to.include(part);
          }
          expect(message).not.to.include('..');
          expect(cause).to.be.instanceOf(PublishError).and.include({ reason: 'refused', eventId: 'b', topic: ORDERS });
        }
      });

      it('name the fields that do not fit, when nobody takes it', () => {
        inVirtualTime(({ publisher, scheduler, flush }) => {
          let error: unknown;
          const source = delivered(of({ id: 'x', data: { Nmae__c: 'secret' } }), scheduler);
          source.values.pipe(publisher()).subscribe({ error: (thrown: unknown) => (error = thrown) });
          flush();
          expect((error as Error).message)
            .to.include('Nmae__c')
            .and.include('Name__c')
            .and.not.include('secret');
          expect((error as Error).cause)
            .to.have.property('problems')
            .with.length(1);
        });
      });

      it('are settled, when an operator that works takes it, at once or out of one that collects', () => {
        for (const take of [
          (results: Observable<string>) => results.pipe(holding('works')),
          (results: Observable<string>) => results.pipe(holding('works', 5)),
          (results: Observable<string>) => results.pipe(holding('keeps', 1), holding('works', 1)),
        ]) {
          const { error, settled } = refusingB(take);
          expect(error).to.equal(undefined);
          expect(settled).to.deep.equal(['a', 'b', 'c', 'd']);
        }
      });

      it('end the publisher, when the source has completed before', () => {
        inVirtualTime(({ cold, publisher, service, scheduler, at, flush }) => {
          service.onRequest = (stream) => at(5, () => stream.answer());
          service.refuse = () => 'No.';
          const errors: unknown[] = [];
          const source = delivered(cold('-a|'), scheduler);
          source.values.pipe(publisher()).subscribe({ error: (error: unknown) => errors.push(error) });
          flush();
          expect(errors[0]).to.be.instanceOf(PublishError).and.include({ eventId: 'a' });
          expect(source.settled).to.be.empty;
        });
      });

      it('fail all the same, when somebody took them before they were published', () => {
        inVirtualTime(({ cold, publisher, service, scheduler, flush }) => {
          service.refuse = () => 'No.';
          const errors: unknown[] = [];
          const source = delivered(cold('-a-'), scheduler);
          const worked = (source.values as unknown as Observable<string>).pipe(holding('works', 1));
          worked.pipe(publisher()).subscribe({ error: (error: unknown) => errors.push(error) });
          flush();
          expect(errors).to.have.length(1);
          expect(source.settled).to.be.empty;
        });
      });

      it('are settled by it, with onRefused settle, and the logger is told', () => {
        const warnings: string[] = [];
        const logger = { warn: (message: string) => warnings.push(message) };
        const { seen, error, settled } = refusingB(identity, { onRefused: 'settle' }, { logger });
        expect(seen).to.deep.equal(['a', 'b:refused', 'c', 'd']);
        expect(error).to.equal(undefined);
        expect(settled).to.deep.equal(['a', 'b', 'c', 'd']);
        expect(warnings).to.have.length(1);
        expect(warnings[0]).to.include('"b" was not published').and.include('No such order.');
      });
    });

    it('are not settled without one, whatever ends the publisher', () => {
      inVirtualTime(({ cold, publisher, service, scheduler, flush }) => {
        service.onRequest = (stream, { events }) => events[0]?.id === 'a' && stream.answer();
        const source = delivered(cold('-a-b-c-#'), scheduler);
        source.values.pipe(publisher()).subscribe({ error: () => undefined });
        flush();
        expect(source.unsettled().map((input) => (input as { id: string }).id)).to.deep.equal(['b', 'c']);
      });
    });

    it('do not wait for lingerMs, when the window is full of them', () => {
      inVirtualTime(({ cold, publisher, scheduler, expectObservable }) => {
        const { values } = delivered(cold('-ab---'), scheduler, { window: 2 });
        expectObservable(values.pipe(publisher({ lingerMs: 10_000 })), '^----!').toBe('--(ab)');
      });
    });
  });
});

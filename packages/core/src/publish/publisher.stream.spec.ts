import { expect } from 'chai';
import { ORDERS, publishingTo, FakePublishService } from '../../test/support/fake-publish-service.js';
import { StreamEndedError } from '../model/errors.js';
import type { StatusDetail, Tell } from '../ports/status.js';
import { runMarbles } from '../testing/run-marbles.js';
import { broken, denied, inVirtualTime, order, type Publishing } from '../../test/support/virtual-publishing.js';

describe('publisher', () => {
  describe('the stream', () => {
    it('is kept for the next event, and half-closed after idleTimeoutMs without one', () => {
      inVirtualTime(({ cold, publisher, expectObservable, service, at }) => {
        expectObservable(cold('-a 50s b 70s c|').pipe(publisher())).toBe('-a 50s b 70s c|');
        at(50_100, () => expect(service.streams).to.have.length(1));
        at(112_000, () => expect(service.stream).to.include({ halfClosed: true, cancelled: false }));
        at(130_000, () => expect(service.streams).to.have.length(2));
      });
    });

    it('is cancelled, when the server does not end it within 10 seconds of the half-close', () => {
      inVirtualTime(({ cold, publisher, service, at }) => {
        cold('-a').pipe(publisher()).subscribe();
        at(69_900, () => expect(service.stream).to.include({ halfClosed: true, cancelled: false }));
        at(70_100, () => expect(service.stream.cancelled).to.equal(true));
      });
    });

    it('leaves no timer behind, when the server ends it with an error after the half-close', () => {
      inVirtualTime(({ cold, publisher, service, scheduler, at }) => {
        cold('-a|').pipe(publisher()).subscribe();
        at(5, () => service.stream.fail(broken));
        at(6, () => expect(scheduler.actions).to.be.empty);
      });
    });

    it('is opened again for the next event, when the server has closed the idle one', () => {
      const swept = new StreamEndedError('Idle.', { retriable: true, grpcStatus: 1 });
      for (const close of [
        (service: FakePublishService) => service.stream.end(),
        (service: FakePublishService) => service.stream.fail(swept),
        // Nothing was to be sent, so nothing has failed.
        (service: FakePublishService) => service.stream.fail(broken),
        (service: FakePublishService) => service.stream.fail(denied),
      ]) {
        const warn = (message: string) => expect.fail(message);
        inVirtualTime(
          ({ cold, publisher, expectObservable, service, at }) => {
            expectObservable(cold('-a---b|').pipe(publisher({ maxAttempts: 1 }))).toBe('-a---b|');
            at(3, () => close(service));
            at(4, () => expect(service.streams).to.have.length(1));
            at(6, () => expect(service.streams).to.have.length(2));
          },
          { logger: { warn } },
        );
      }
    });

    it('is half-closed, when the source has completed and all is answered', () => {
      inVirtualTime(({ cold, publisher, service, at }) => {
        service.onRequest = (stream) => at(5, () => stream.answer());
        cold('-a|').pipe(publisher()).subscribe();
        at(5, () => expect(service.stream.halfClosed).to.equal(false));
        at(7, () => expect(service.stream).to.include({ halfClosed: true, cancelled: false }));
      });
    });
  });

  describe('status', () => {
    const statuses = (test: (publishing: Publishing) => void): readonly StatusDetail[] => {
      const told: StatusDetail[] = [];
      const statusOf =
        (topic: string): Tell =>
        (type, ...[details]) => {
          expect(topic).to.equal(ORDERS);
          told.push({ type, ...details?.() } as StatusDetail);
        };
      inVirtualTime(test, { statusOf });
      return told;
    };

    it('tells how many events are published, by each answer', () => {
      const told = statuses(({ cold, publisher, service, at }) => {
        service.onRequest = (stream) => at(5, () => stream.answer());
        cold('(abc|)').pipe(publisher()).subscribe();
      });
      expect(told).to.deep.equal([
        { type: 'published', events: 1, failed: 0, tookMs: 5 },
        { type: 'published', events: 2, failed: 0, tookMs: 5 },
      ]);
    });

    it('tells each refusal, with its error, and no success then', () => {
      const told = statuses(({ cold, publisher, service }) => {
        service.refuse = ({ id }) => `No ${id}.`;
        cold('a-b|').pipe(publisher()).subscribe();
      });
      expect(told.map((status) => (status.type === 'refused' ? status.cause.eventId : status))).to.deep.equal([
        ...[{ type: 'published', events: 0, failed: 1, tookMs: 0 }, 'a'],
        ...[{ type: 'published', events: 0, failed: 1, tookMs: 0 }, 'b'],
      ]);
    });

    it('tells each pause, and how many events are sent again that may have arrived', () => {
      const told = statuses(({ cold, publisher, service, at }) => {
        service.onRequest = (stream) => stream !== service.streams[0] && stream.answer();
        at(5, () => service.stream.fail(broken));
        cold('-(abc)-|')
          .pipe(publisher({ maxBatchEvents: 1, maxInFlight: 2 }))
          .subscribe();
      });
      expect(told[0]).to.deep.equal({ type: 'publishWaiting', attempt: 1, delayMs: 500, cause: broken, resent: 2 });
    });

    it('tells of publish(), too, but warns of nothing, as somebody waits for its results', () => {
      const told: unknown[] = [];
      runMarbles(({ scheduler, flush }) => {
        const service = new FakePublishService();
        service.refuse = () => 'No.';
        const context = {
          statusOf:
            (): Tell =>
            (type, ..._details) =>
              void told.push(type),
          logger: { warn: () => void told.push('warned') },
        };
        publishingTo(service, scheduler, context).publish(ORDERS, order('a')).subscribe();
        flush();
      });
      expect(told).to.deep.equal(['published', 'refused']);
    });
  });
});

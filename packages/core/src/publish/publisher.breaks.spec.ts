import { expect } from 'chai';
import { catchError, of, throwError } from 'rxjs';
import { ORDERS } from '../../test/support/fake-publish-service.js';
import { AuthenticationError, ConnectionError, type RxforceError } from '../model/errors.js';
import { breaking, broken, denied, expired, inVirtualTime, slower } from '../../test/support/virtual-publishing.js';

describe('publisher', () => {
  describe('when the stream breaks', () => {
    it('sends again what was not answered, in order and before anything else', () => {
      inVirtualTime((t) => {
        breaking(t, broken);
        const results = t.cold('-ab-c-d|').pipe(t.publisher({ maxBatchEvents: 1 }));
        t.expectObservable(results).toBe('505ms (abcd|)');
        t.flush();
        expect(t.service.streams[0]?.requests).to.have.length(3);
        expect(t.service.names()).to.deep.equal(['a', 'b', 'c', 'd']);
      });
    });

    it('takes a peaceful end with something in flight for a break', () => {
      inVirtualTime((t) => {
        breaking(t, undefined);
        t.expectObservable(t.cold('-a|').pipe(t.publisher())).toBe('505ms (a|)');
      });
    });

    it('says that the outcome is unknown, instead, with onUnknown fail', () => {
      inVirtualTime((t) => {
        breaking(t, broken);
        const results = t.cold('-ab-c--d|').pipe(t.publisher({ maxBatchEvents: 1, maxInFlight: 2, onUnknown: 'fail' }));
        t.expectObservable(results).toBe('-----(xy) 496ms (cd|)', { x: 'a:unknown', y: 'b:unknown', c: 'c', d: 'd' });
        t.flush();
        expect(t.service.names()).to.deep.equal(['c', 'd']);
      });
    });

    for (const [what, error, waitMs] of [
      ['slower', slower, 5_000],
      ['a session that expired', expired, 0],
    ] as const) {
      it(`sends again even with onUnknown fail, when the service took nothing: ${what}`, () => {
        inVirtualTime((t) => {
          breaking(t, error);
          const results = t.cold('-ab|').pipe(t.publisher({ maxBatchEvents: 1, onUnknown: 'fail' }));
          t.expectObservable(results).toBe(`${5 + waitMs}ms (ab|)`);
        });
      });
    }

    it('knows that a call was never sent, when there was no connection or no login', () => {
      for (const error of [
        new ConnectionError('No connection.', { grpcStatus: 14, neverSent: true }),
        new ConnectionError('No login endpoint.'),
      ]) {
        inVirtualTime((t) => {
          breaking(t, error);
          t.expectObservable(t.cold('-a|').pipe(t.publisher({ onUnknown: 'fail' }))).toBe('505ms (a|)');
        });
      }
    });

    it('waits longer from failure to failure, and from the start again after an answer', () => {
      inVirtualTime(({ cold, publisher, service, expectObservable, at }) => {
        const opened: number[] = [];
        let failing = 3;
        service.onOpen = () => {
          opened.push(service.streams.length);
          return failing-- > 0 ? broken : undefined;
        };
        expectObservable(cold('a 10s b|').pipe(publisher())).toBe('3500ms a 7000ms (b|)');
        at(5_000, () => (failing = 1));
        at(9_000, () => service.stream.fail(broken));
      });
    });

    it('gives up after maxAttempts failures in a row, with the last error', () => {
      inVirtualTime(({ cold, publisher, service, expectObservable }) => {
        service.onOpen = () => broken;
        expectObservable(cold('-a').pipe(publisher({ maxAttempts: 3 }))).toBe('- 1500ms #', undefined, broken);
      });
    });

    it('gives up at once, when the error cannot pass', () => {
      inVirtualTime((t) => {
        breaking(t, denied);
        t.expectObservable(t.cold('-a-').pipe(t.publisher())).toBe('-----#', undefined, denied);
      });
    });

    it('gives up soon, when sessions are refused and nothing was ever published', () => {
      inVirtualTime(({ cold, publisher, service, expectObservable, flush }) => {
        let refused = 0;
        service.onOpen = () => (++refused, expired);
        const outcome = cold('-a').pipe(
          publisher(),
          catchError((error: unknown) => of((error as RxforceError).cause as never)),
        );
        expectObservable(outcome).toBe('- 7000ms (x|)', { x: expired });
        flush();
        expect(refused).to.equal(5);
      });
    });

    it('goes on, when sessions are refused for a minute and events were published before', () => {
      inVirtualTime(({ cold, publisher, service, expectObservable, at }) => {
        let isRefusing = false;
        service.onOpen = () => (isRefusing ? expired : undefined);
        expectObservable(cold('a 10s b|').pipe(publisher())).toBe('a 71000ms (b|)');
        at(5_000, () => {
          isRefusing = true;
          service.stream.fail(expired);
        });
        at(60_000, () => (isRefusing = false));
      });
    });

    it('goes on, when sessions are refused for two seconds while the topic is asked for', () => {
      inVirtualTime(({ cold, publisher, service, expectObservable, scheduler }) => {
        service.topicInfo = () => (scheduler.now() < 2_000 ? throwError(() => expired) : of(service.info()));
        expectObservable(cold('-a|').pipe(publisher())).toBe('3500ms (a|)');
      });
    });

    it('gives up soon, when only the topic is refused, always', () => {
      inVirtualTime(({ cold, publisher, service, at }) => {
        const errors: unknown[] = [];
        service.topicInfo = () => throwError(() => expired);
        cold('-a')
          .pipe(publisher())
          .subscribe({ error: (error: unknown) => errors.push(error) });
        at(10_000, () => expect(errors[0]).to.include({ code: 'authentication', cause: expired }));
      });
    });

    it('goes on, when sessions are refused for some seconds', () => {
      inVirtualTime(({ cold, publisher, service, expectObservable, scheduler }) => {
        service.onOpen = () => (scheduler.now() < 5_000 ? expired : undefined);
        expectObservable(cold('-a|').pipe(publisher())).toBe('- 7000ms (a|)');
      });
    });

    it('does not try again, when the login itself is refused', () => {
      inVirtualTime(({ cold, publisher, service, expectObservable }) => {
        const wrong = new AuthenticationError('Wrong password.');
        service.onOpen = () => wrong;
        expectObservable(cold('-a').pipe(publisher())).toBe('-#', undefined, wrong);
      });
    });

    it('takes a stream that does not answer within answerTimeoutMs for broken', () => {
      inVirtualTime(({ cold, publisher, service, expectObservable, flush }) => {
        service.onRequest = (stream) => stream !== service.streams[0] && stream.answer();
        expectObservable(cold('-a|').pipe(publisher())).toBe('- 30500ms (a|)');
        flush();
        expect(service.streams[0]?.cancelled).to.equal(true);
      });
    });

    it('counts answerTimeoutMs from the request that waits longest', () => {
      inVirtualTime(({ cold, publisher, service, at }) => {
        service.onRequest = (stream) => stream !== service.streams[0] && stream.answer();
        const source = cold('a 39ms b 39ms c 39ms d');
        source.pipe(publisher({ maxBatchEvents: 1, answerTimeoutMs: 100 })).subscribe();
        at(99, () => expect(service.streams[0]).to.deep.include({ cancelled: false, silences: [] }));
        at(101, () => expect(service.streams[0]?.cancelled).to.equal(true));
      });
    });

    it('has its connection replaced, when it does not answer', () => {
      inVirtualTime(({ cold, publisher, service, at }) => {
        service.onRequest = (stream) => stream !== service.streams[0] && stream.answer();
        cold('a|')
          .pipe(publisher({ answerTimeoutMs: 100 }))
          .subscribe();
        at(101, () => expect(service.streams[0]?.silences).to.have.length(1));
        at(10_000, () => expect(service.streams[1]?.silences).to.be.empty);
      });
    });

    it('errors, when the service answers what was not sent', () => {
      inVirtualTime(({ cold, publisher, service, at }) => {
        const errors: unknown[] = [];
        service.onRequest = () => undefined;
        const answer = { ...service.take({ topicName: ORDERS, events: [] }) };
        const results = [{ replayId: Buffer.from('1'), error: null, correlationKey: 'other' }];
        cold('-a')
          .pipe(publisher())
          .subscribe({ error: (error: unknown) => errors.push(error) });
        at(3, () => service.stream.respond({ ...answer, results }));
        at(4, () => expect(errors[0]).to.include({ code: 'protocol' }));
      });
    });
  });
});

import { expect } from 'chai';
import {
  catchError,
  concatWith,
  EMPTY,
  filter,
  identity,
  map,
  NEVER,
  of,
  Subject,
  take,
  takeUntil,
  tap,
  throwError,
  timer,
  type Observable,
  type Subscriber,
} from 'rxjs';
import type { TestScheduler } from 'rxjs/testing';
import { ORDERS, publishingTo, FakePublishService, USER } from '../../test/support/fake-publish-service.js';
import type { Hold } from '../delivery/delivery.js';
import { hold } from '../delivery/hold.js';
import { operate } from '../delivery/operate.js';
import type { OperatorRole } from '../delivery/operator-role.js';
import {
  AuthenticationError,
  ConnectionError,
  DeliveryFailedError,
  PublishError,
  TopicUnavailableError,
  ThrottledError,
  StreamEndedError,
  type RxforceError,
} from '../model/errors.js';
import type { StatusDetail, Tell } from '../ports/status.js';
import { delivered } from '../testing/delivered.js';
import { runMarbles } from '../testing/run-marbles.js';
import type { PublisherOptions } from './options.js';
import type { PublishContext } from './publishing.js';
import type { PublishResult } from './publish-result.js';

const order = (name: string) => ({ id: name, data: { Name__c: name } });
const INPUTS = Object.fromEntries(Array.from('abcdefgh', (name) => [name, order(name)]));

const broken = new ConnectionError('The connection broke.', { grpcStatus: 14 });
const slower = new ThrottledError('Slower.', { retriable: true, grpcStatus: 8 });
const expired = new AuthenticationError('Expired.', { grpcStatus: 16 });
const denied = new TopicUnavailableError('No.', { grpcStatus: 7 });

/** What a result says in short: the event's id, and why it failed. */
const short = (result: PublishResult) =>
  result.ok ? result.val.id : `${result.val.eventId ?? ''}:${result.val.reason}`;

interface Publishing {
  readonly service: FakePublishService;
  readonly scheduler: TestScheduler;
  /** Does something at a frame. */
  at(frame: number, action: () => void): void;
  publisher(options?: PublisherOptions): (source: Observable<unknown>) => Observable<string>;
  expectObservable: (typeof TestScheduler.prototype)['expectObservable'];
  expectSubscriptions: (typeof TestScheduler.prototype)['expectSubscriptions'];
  cold: (marbles: string, error?: unknown) => ReturnType<TestScheduler['createColdObservable']>;
  flush(): void;
  hot: (marbles: string) => ReturnType<TestScheduler['createHotObservable']>;
  expectSettled: Parameters<Parameters<typeof runMarbles>[0]>[0]['expectSettled'];
}

function inVirtualTime(test: (publishing: Publishing) => void, context: Partial<PublishContext> = {}): void {
  runMarbles((helpers) => {
    const { scheduler, cold, flush } = helpers;
    const service = new FakePublishService();
    const { publisher } = publishingTo(service, scheduler, context);
    test({
      ...helpers,
      service,
      at: (frame, action) => void scheduler.schedule(action, frame),
      publisher: (options) => (source) =>
        (source as Observable<{ data: object }>).pipe(publisher(ORDERS, options), map(short)),
      cold: (marbles, error) => cold(marbles, INPUTS, error),
    });
    flush();
  });
}

/** Runs it to its end, without a word. */
const expectOnly = (source: Observable<unknown>) =>
  source.subscribe({ error: (error: unknown) => expect.fail(String(error)) });

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

  describe('when the stream breaks', () => {
    /** Answers nothing on the first stream, and breaks it at frame 5. */
    const breaking = ({ service, at }: Publishing, error: RxforceError | undefined) => {
      service.onRequest = (stream) => stream !== service.streams[0] && stream.answer();
      at(5, () => (error ? service.stream.fail(error) : service.stream.end()));
    };

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

    describe('when the service does not give one result for each event, in order', () => {
      const ok = (correlationKey: string, at = '1') => ({ replayId: Buffer.from(at), error: null, correlationKey });
      const no = (correlationKey: string) => ({
        replayId: Buffer.alloc(0),
        error: { code: 1, msg: '' },
        correlationKey,
      });

      for (const [what, results, expected] of [
        ['gives none', [], ['a:unknown', 'b:unknown', 'c:unknown']],
        ['leaves one out', [ok('a'), ok('c')], ['a', 'b:unknown', 'c']],
        ['gives them in another order', [ok('c', '3'), no('b'), ok('a', '1')], ['a', 'b:refused', 'c']],
        ['doubles one', [ok('a'), ok('a'), ok('b'), ok('c')], ['a', 'b', 'c']],
        ['doubles one in place of another', [ok('a'), ok('a'), ok('c')], ['a', 'b:unknown', 'c']],
        ['contradicts itself', [ok('a'), no('a'), ok('b'), ok('c')], ['a:unknown', 'b', 'c']],
        ['gives two positions for one', [ok('a'), ok('a', '2'), ok('b'), ok('c')], ['a:unknown', 'b', 'c']],
        ['names none', [ok(''), no(''), ok('')], ['a', 'b:refused', 'c']],
        ['names none, and leaves one out', [ok(''), ok('')], ['a:unknown', 'b:unknown', 'c:unknown']],
        ['adds one', [ok('a'), ok('b'), ok('c'), ok('x')], ['a', 'b', 'c']],
        ['gives neither a position nor an error', [ok('a', ''), ok('b'), no('c')], ['a:unknown', 'b', 'c:refused']],
      ] as const) {
        it(`${what}: each event has its result, and the next ones are published`, () => {
          inVirtualTime(({ cold, publisher, service, expectObservable }) => {
            service.onRequest = (stream, { events }) => {
              if (events[0]?.id !== 'a') {
                stream.answer();
                return;
              }
              stream.open.shift();
              stream.respond({ results, schemaId: service.current.id, rpcId: 'rpc' });
            };
            const [x, y, z] = expected;
            const published = cold('-(abc)-d|').pipe(publisher({ lingerMs: 1, onRefused: 'settle' }));
            expectObservable(published).toBe('--(xyz)-(d|)', { x, y, z, d: 'd' });
          });
        });
      }

      it('passes over a second answer to what was answered before', () => {
        inVirtualTime(({ cold, publisher, service, expectObservable }) => {
          service.onRequest = (stream, request) => {
            const answer = service.take(request);
            stream.respond(answer);
            stream.respond(answer);
          };
          expectObservable(cold('-a-b|').pipe(publisher())).toBe('-a-b|');
        });
      });

      it('gives what is in flight a result each, and then errors, when the answer is to nothing that was sent', () => {
        inVirtualTime(({ cold, publisher, service, at }) => {
          const seen: unknown[] = [];
          service.onRequest = () => undefined;
          cold('-ab')
            .pipe(publisher({ onRefused: 'settle' }))
            .subscribe({
              next: (result) => seen.push(result),
              error: (error: unknown) => seen.push((error as RxforceError).code),
            });
          const results = [{ replayId: Buffer.from('1'), error: null, correlationKey: 'other' }];
          at(3, () => service.stream.respond({ results, schemaId: service.current.id, rpcId: 'rpc' }));
          at(4, () => expect(seen).to.deep.equal(['a:unknown', 'protocol']));
        });
      });
    });

    describe('again and again, because the service is slow', () => {
      /** Answers each request after so long, on the stream that it came on, and publishes it at once. */
      const slow = ({ service, at }: Publishing, afterMs: () => number) => {
        service.onRequest = (stream) => {
          const request = stream.open.shift()!;
          const answer = service.take(request);
          at(afterMs(), () => !stream.cancelled && stream.respond(answer));
        };
      };

      it('is given twice the time at each silence, and is not taken for dead again at the next event', () => {
        inVirtualTime((t) => {
          slow(t, () => 350);
          const source = t.cold('a 4999ms b 4999ms c|');
          t.expectObservable(source.pipe(t.publisher({ answerTimeoutMs: 100 }))).toBe('2150ms a 3199ms b 4999ms (c|)');
          t.flush();
          expect(t.service.names()).to.deep.equal(['a', 'a', 'a', 'b', 'c']);
        });
      });

      it('is given the time of before, once it answers within it', () => {
        inVirtualTime((t) => {
          let delayMs = 150;
          slow(t, () => delayMs);
          t.cold('a 4999ms b 4999ms c|')
            .pipe(t.publisher({ answerTimeoutMs: 100 }))
            .subscribe();
          t.at(4_000, () => (delayMs = 50));
          t.at(9_000, () => (delayMs = 150));
          t.flush();
          expect(t.service.names()).to.deep.equal(['a', 'a', 'b', 'c', 'c']);
        });
      });

      it('is given 16 times the time at most', () => {
        const warnings: string[] = [];
        inVirtualTime(
          (t) => {
            t.service.onRequest = () => undefined;
            t.cold('a')
              .pipe(t.publisher({ answerTimeoutMs: 1_000 }))
              .subscribe();
            const openedAt: number[] = [];
            t.service.onOpen = () => void openedAt.push(t.scheduler.now());
            t.at(600_000, () => {
              const gaps = openedAt.slice(1).map((at, index) => at - (openedAt[index] ?? 0));
              // 500 ms, 1 s, … 30 s of them are pauses.
              expect(gaps.slice(0, 4)).to.deep.equal([1_500, 3_000, 6_000, 12_000]);
              expect(Math.max(...gaps)).to.equal(46_000);
              t.scheduler.actions.length = 0;
            });
          },
          { logger: { warn: (message) => warnings.push(message) } },
        );
        expect(warnings.filter((message) => message.includes('twice')).length).to.be.within(5, 15);
      });
    });

    it('says that events may be on the topic twice, when what may have arrived is sent again', () => {
      for (const [error, times] of [
        [broken, 1],
        [slower, 0],
        [expired, 0],
      ] as const) {
        const warnings: string[] = [];
        inVirtualTime(
          (t) => {
            breaking(t, error);
            t.cold('-(ab)-|')
              .pipe(t.publisher({ maxBatchEvents: 1 }))
              .subscribe();
          },
          { logger: { warn: (message) => warnings.push(message) } },
        );
        const twice = warnings.filter((message) => message.includes('may be on the topic twice'));
        expect(twice).to.have.length(times);
        if (times > 0) expect(twice[0]).to.match(/^2 events for \/event\/Order__e/);
      }
    });

    it('is told again, while it lasts', () => {
      const warnings: string[] = [];
      inVirtualTime(
        ({ cold, publisher, service }) => {
          service.onOpen = () => broken;
          expectOnly(cold('-a').pipe(publisher(), takeUntil(timer(300_000))));
        },
        { logger: { warn: (message) => warnings.push(message) } },
      );
      expect(warnings).to.have.length.within(8, 10);
      expect(warnings[1]).to.match(/broke off \d+ more times within 30 s; attempt \d+: The connection broke\.$/);
      expect(warnings.at(-1)).to.match(/attempt 1\d/);
    });

    it('is told, when the login or the schema does not come', () => {
      for (const [never, what] of [
        [{ user: () => NEVER }, "the login, or for the topic's schema"],
        [{ transport: undefined }, 'the login or the connection'],
      ] as const) {
        const warnings: string[] = [];
        inVirtualTime(
          ({ cold, publisher, service }) => {
            if ('transport' in never) service.publishStream = () => NEVER;
            expectOnly(cold('-a').pipe(publisher(), takeUntil(timer(70_000))));
          },
          { logger: { warn: (message) => warnings.push(message) }, ...('user' in never && never) },
        );
        expect(warnings).to.have.length(2);
        expect(warnings[0]).to.include(`has waited 30 s for ${what}`);
        expect(warnings[1]).to.include('has waited 60 s');
      }
    });

    it('tells the logger of the first failure in a row', () => {
      const warnings: string[] = [];
      inVirtualTime(
        ({ cold, publisher, service }) => {
          service.onOpen = () => broken;
          cold('-a')
            .pipe(publisher({ maxAttempts: 3 }))
            .subscribe({ error: () => undefined });
        },
        { logger: { warn: (message) => warnings.push(message) } },
      );
      expect(warnings).to.have.length(1);
      expect(warnings[0]).to.include(ORDERS).and.include('The connection broke.');
    });
  });

  describe('events', () => {
    it('fail alone, when their id cannot be read, or is none', () => {
      inVirtualTime(({ service, scheduler, at }) => {
        const results: PublishResult[] = [];
        const unreadable = {
          data: { Name__c: 'x' },
          get id(): string {
            throw new Error('no id');
          },
        };
        const numbered = { id: 5, data: { Name__c: 'y' } } as never;
        of(unreadable, numbered, order('a'))
          .pipe(publishingTo(service, scheduler).publisher(ORDERS, { onRefused: 'settle' }))
          .subscribe((result) => results.push(result));
        at(1, () => {
          const [first, second, third] = results;
          expect(first?.err && first.val)
            .to.include({ reason: 'invalid' })
            .and.have.property('eventId')
            .that.is.a('string');
          expect(second?.err && second.val).to.include({ reason: 'invalid', eventId: '5' });
          expect(third?.ok && third.val.id).to.equal('a');
        });
      });
    });

    it('fail alone, when the service refuses them', () => {
      inVirtualTime(({ cold, publisher, service, expectObservable }) => {
        service.refuse = ({ id }) => (id === 'b' ? 'No such order.' : undefined);
        expectObservable(cold('-(abc|)').pipe(publisher())).toBe('-(abc|)', { a: 'a', b: 'b:refused', c: 'c' });
      });
    });

    it('fail alone and are not sent, when they do not fit or are too large', () => {
      inVirtualTime(({ publisher, service, expectObservable, flush }) => {
        const wrong = { id: 'wrong', data: { Nam__c: 'x', CreatedDate: 'now' } };
        const large = { id: 'large', data: { Name__c: 'x'.repeat(1_048_576) } };
        const source = of(order('a'), wrong, large, { id: 'none' }, order('b'));
        expectObservable(source.pipe(publisher())).toBe('(awlnb|)', {
          ...{ a: 'a', b: 'b', w: 'wrong:invalid', l: 'large:too-large' },
          n: 'none:invalid',
        });
        flush();
        expect(service.names()).to.deep.equal(['a', 'b']);
      });
    });

    it('fail alone and are not sent, when they cannot be read or have an id that no text can have', () => {
      inVirtualTime(({ publisher, service, expectObservable, cold }) => {
        service.topicInfo = () => cold('--(a|)').pipe(map(() => service.info()));
        const unreadable = {
          id: 'unreadable',
          data: {
            get Name__c() {
              throw new Error('not loaded');
            },
          },
        };
        const half = { id: 'half \ud83d', data: {} };
        expectObservable(of(order('a'), unreadable, half, order('b')).pipe(publisher())).toBe('--(auhb|)', {
          ...{ a: 'a', b: 'b', u: 'unreadable:invalid', h: 'half \ud83d:invalid' },
        });
      });
    });

    it('get the time, the user and an id, where they have none', () => {
      inVirtualTime(({ cold, service, scheduler, at, flush }) => {
        const { publisher } = publishingTo(service, scheduler);
        const results: PublishResult[] = [];
        const source = cold('-a---|').pipe(map(() => ({ data: { Name__c: 'x' } })));
        source.pipe(publisher<{ Name__c: string }>(ORDERS)).subscribe((result) => results.push(result));
        at(6, () => undefined);
        flush();
        const [event] = service.log;
        expect(service.read(event!)).to.deep.equal({ CreatedDate: 1, CreatedById: USER, Name__c: 'x' });
        expect(event?.id).to.match(/^[\da-f-]{36}$/);
        expect(results[0]?.unwrap()).to.deep.include({ topic: ORDERS, id: event?.id });
        expect(results[0]?.unwrap().replayId.toString()).to.equal(Buffer.from('at 1').toString('base64'));
      });
    });

    it('are all by the user of createdById, where it is given', () => {
      const createdById = '005000000000009AAA';
      const never = () => throwError(() => new Error('not asked'));
      inVirtualTime(
        ({ cold, publisher, service, flush }) => {
          cold('-a|').pipe(publisher({ createdById })).subscribe();
          flush();
          expect(service.read(service.log[0]!)).to.include({ CreatedById: createdById });
        },
        { user: never },
      );
    });

    it('fail, when nobody knows the user and they do not say it', () => {
      inVirtualTime(({ cold, service, scheduler, flush }) => {
        const { publisher } = publishingTo(service, scheduler, { user: () => of(undefined) });
        const results: PublishResult[] = [];
        const source = cold('-a|').pipe(map(() => ({ data: { Name__c: 'x' } })));
        source.pipe(publisher<object>(ORDERS)).subscribe((result) => results.push(result));
        flush();
        expect(results[0]?.val).to.be.instanceOf(PublishError).and.include({ reason: 'invalid' });
        expect((results[0]?.val as PublishError).message).to.include('give createdById');
        expect(service.log).to.be.empty;
      });
    });

    it('are too many beyond maxBuffered', () => {
      inVirtualTime(({ cold, publisher, service, at }) => {
        const errors: unknown[] = [];
        service.onRequest = () => undefined;
        const source = cold('-abc-d-');
        source.pipe(publisher({ maxBuffered: 3 })).subscribe({ error: (error: unknown) => errors.push(error) });
        at(4, () => expect(errors).to.be.empty);
        at(6, () => expect(errors[0]).to.include({ code: 'publish', reason: 'overflow' }));
      });
    });
  });

  describe('the schema', () => {
    it('is asked for once, for all publishers of a topic', () => {
      inVirtualTime(({ cold, publisher, service, flush }) => {
        for (let index = 0; index < 3; index++) cold('-a|').pipe(publisher()).subscribe();
        flush();
        expect(service.topicCalls).to.deep.equal([ORDERS]);
      });
    });

    it('is waited for, and then all go together', () => {
      inVirtualTime(({ cold, publisher, service, expectObservable, flush }) => {
        service.topicInfo = () => cold('----(a|)').pipe(map(() => service.info()));
        expectObservable(cold('-ab-|').pipe(publisher())).toBe('----(ab|)');
        flush();
        expect(service.stream.requests).to.have.length(1);
      });
    });

    it('is asked for again, when the service could not tell it', () => {
      inVirtualTime(({ cold, publisher, service, expectObservable }) => {
        let failures = 1;
        const info = service.topicInfo;
        service.topicInfo = () => (failures-- > 0 ? throwError(() => broken) : info());
        expectObservable(cold('-a|').pipe(publisher())).toBe('500ms (a|)');
      });
    });

    it('is none of a topic that takes no events: nothing is sent', () => {
      for (const info of [{ canPublish: false }, { schemaId: '' }]) {
        inVirtualTime(({ cold, publisher, service }) => {
          const errors: unknown[] = [];
          service.topicInfo = () => of(service.info(info));
          cold('-a-')
            .pipe(publisher())
            .subscribe({ error: (error: unknown) => errors.push(error) });
          expect(errors[0]).to.include({ code: 'publish', reason: 'not-publishable', retriable: false });
          expect(service.streams).to.be.empty;
        });
      }
    });

    it('is fetched anew when it has changed, and the events that were refused for it are sent again', () => {
      inVirtualTime(({ cold, publisher, service, expectObservable, at, flush }) => {
        at(4, () => service.switchSchema('New__c'));
        const results = cold('-a---(bcd)-e|').pipe(publisher({ maxBatchEvents: 2 }));
        expectObservable(results).toBe('-a---(bcd)-e|');
        flush();
        expect(service.names()).to.have.members(['a', 'b', 'c', 'd', 'e']);
        expect(new Set(service.log.slice(1).map(({ schemaId }) => schemaId))).to.have.keys([service.current.id]);
      });
    });

    it('keeps results in order, while events in flight are refused for it', () => {
      inVirtualTime(({ cold, publisher, service, at, flush }) => {
        const seen: string[] = [];
        service.onRequest = (stream) => at(3, () => stream.answer());
        at(2, () => service.switchSchema('New__c'));
        const source = cold('-(abcdefgh|)');
        source.pipe(publisher({ maxBatchEvents: 2, maxInFlight: 3 })).subscribe((name) => seen.push(name));
        flush();
        expect(seen).to.deep.equal(Array.from('abcdefgh'));
        expect(service.names()).to.have.members(seen).and.have.length(8);
      });
    });

    it('is the new one for what was not sent yet', () => {
      inVirtualTime(({ cold, publisher, service, at, flush }) => {
        service.onRequest = (stream) => at(5, () => stream.answer());
        at(2, () => service.switchSchema('New__c'));
        cold('-a-(bc)---------|').pipe(publisher()).subscribe();
        flush();
        const requests = service.stream.requests.map(({ events }) => events.map(({ id }) => id).join(''));
        expect(requests).to.deep.equal(['a', 'abc']);
      });
    });

    it('is not the reason, when an event is refused with the new one too', () => {
      inVirtualTime(({ cold, publisher, service, expectObservable, at, flush }) => {
        at(2, () => service.switchSchema('New__c'));
        service.refuse = () => 'No such order.';
        expectObservable(cold('---a|').pipe(publisher())).toBe('---x|', { x: 'a:refused' });
        flush();
        expect(service.stream.requests).to.have.length(2);
      });
    });

    it('is learnt of by a result without an error, too', () => {
      inVirtualTime(({ cold, publisher, service, at, flush }) => {
        const before = service.current.id;
        const take = service.take.bind(service);
        // A service that takes events by the schema of before.
        service.take = (request) => ({ ...take({ ...request, events: [] }), ...accept(request) });
        const accept = ({ events }: Parameters<typeof take>[0]) => {
          service.log.push(...events);
          return { results: events.map(({ id }) => ({ replayId: Buffer.from(id), error: null, correlationKey: id })) };
        };
        at(2, () => service.switchSchema('New__c'));
        cold('---a-b|').pipe(publisher()).subscribe();
        flush();
        expect(service.log.map(({ schemaId }) => schemaId)).to.deep.equal([before, service.current.id]);
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

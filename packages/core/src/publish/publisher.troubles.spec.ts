import { expect } from 'chai';
import { NEVER, takeUntil, timer, type Observable } from 'rxjs';
import { ORDERS } from '../../test/support/fake-publish-service.js';
import type { RxforceError } from '../model/errors.js';
import {
  breaking,
  broken,
  expired,
  inVirtualTime,
  type Publishing,
  slower,
} from '../../test/support/virtual-publishing.js';

/** Runs it to its end, without a word. */
const expectOnly = (source: Observable<unknown>) =>
  source.subscribe({ error: (error: unknown) => expect.fail(String(error)) });

describe('publisher', () => {
  describe('when the stream breaks', () => {
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
});

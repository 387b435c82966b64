import { expect } from 'chai';
import fc from 'fast-check';
import { concatMap, of, tap, timer } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import {
  type FakePublishStream,
  FakePublishService,
  ORDERS,
  publishingTo,
} from '../../test/support/fake-publish-service.js';
import { AuthenticationError, ConnectionError, DeliveryFailedError, ThrottledError } from '../model/errors.js';
import { delivered } from '../testing/delivered.js';
import type { PublisherOptions } from './options.js';
import type { PublishInput } from './publish-input.js';
import type { PublishResult } from './publish-result.js';

/** What may go wrong, all of which passes. */
const ERRORS = {
  broken: new ConnectionError('broken', { grpcStatus: 14 }),
  neverSent: new ConnectionError('never sent', { grpcStatus: 14, neverSent: true }),
  slower: new ThrottledError('slower', { retriable: true, grpcStatus: 8 }),
  expired: new AuthenticationError('expired', { grpcStatus: 16 }),
};

/** What the service does with a request. */
type Turn =
  /** Publishes and answers. */
  | { readonly type: 'answer'; readonly afterMs: number }
  /** Publishes, and the stream breaks before the answer. */
  | { readonly type: 'lose'; readonly afterMs: number }
  /** Publishes nothing, and says why. */
  | { readonly type: 'refuse'; readonly error: keyof typeof ERRORS; readonly afterMs: number }
  /** Publishes or not, and says nothing ever. */
  | { readonly type: 'ignore'; readonly publishes: boolean }
  | { readonly type: 'switchSchema'; readonly afterMs: number };

interface Scenario {
  /** What comes: its wait since the one before, and whether it can be published. */
  readonly inputs: readonly { readonly waitMs: number; readonly kind: 'good' | 'invalid' | 'refused' }[];
  readonly turns: readonly Turn[];
  readonly options: PublisherOptions;
}

const afterMs = fc.nat(20);
const turn: fc.Arbitrary<Turn> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ type: fc.constant('answer'), afterMs }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('lose'), afterMs }) },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant('refuse'),
      error: fc.constantFrom('neverSent', 'slower', 'expired' as const),
      afterMs,
    }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('ignore'), publishes: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('switchSchema'), afterMs }) },
);

const scenarios: fc.Arbitrary<Scenario> = fc.record({
  inputs: fc.array(
    fc.record({
      waitMs: fc.oneof(fc.constant(0), fc.nat(30), fc.constant(65_000)),
      kind: fc.oneof(
        { weight: 8, arbitrary: fc.constant('good' as const) },
        { weight: 1, arbitrary: fc.constantFrom('invalid', 'refused' as const) },
      ),
    }),
    { maxLength: 40 },
  ),
  turns: fc
    .array(turn, { maxLength: 30 })
    .filter((turns) => turns.filter(({ type }) => type === 'switchSchema').length <= 5),
  options: fc.record({
    maxBatchEvents: fc.integer({ min: 1, max: 6 }),
    maxInFlight: fc.integer({ min: 1, max: 4 }),
    lingerMs: fc.constantFrom(0, 0, 10),
    onUnknown: fc.constantFrom('resend', 'fail'),
    onRefused: fc.constantFrom('settle', 'settle', 'fail'),
  }),
});

/** Runs a scenario to its end. */
function play({ inputs, turns, options }: Scenario) {
  const scheduler = new TestScheduler(() => undefined);
  scheduler.maxFrames = Infinity;
  const service = new FakePublishService();
  service.refuse = ({ id }) => (inputs[Number(id)]?.kind === 'refused' ? 'No.' : undefined);
  let at = 0;
  let fields = 0;
  const silent = new Set<FakePublishStream>();
  service.onRequest = (stream) => {
    if (silent.has(stream)) return;
    const next = turns[at++] ?? { type: 'answer', afterMs: 1 };
    const isLive = () => stream.open.length > 0 && !stream.cancelled && !silent.has(stream);
    const later = (action: () => void, ms: number) => void scheduler.schedule(() => isLive() && action(), ms);
    const answerAll = () => {
      while (isLive()) stream.answer();
    };
    if (next.type === 'answer') later(answerAll, next.afterMs);
    if (next.type === 'switchSchema') {
      service.switchSchema(`More${fields++}__c`);
      later(answerAll, next.afterMs);
    }
    if (next.type === 'lose') {
      later(() => {
        stream.open.forEach((request) => service.take(request));
        stream.fail(ERRORS.broken);
      }, next.afterMs);
    }
    if (next.type === 'refuse') later(() => stream.fail(ERRORS[next.error]), next.afterMs);
    if (next.type === 'ignore') {
      silent.add(stream);
      if (next.publishes) stream.open.forEach((request) => service.take(request));
    }
  };
  const source = delivered(
    of(...inputs.map((input, index) => ({ ...input, index }))).pipe(
      concatMap(({ waitMs, kind, index }) => {
        const input: PublishInput = {
          id: String(index),
          data: kind === 'invalid' ? { Wrong__c: 1 } : { Name__c: String(index) },
        };
        return waitMs === 0 ? of(input) : timer(waitMs, scheduler).pipe(concatMap(() => of(input)));
      }),
    ),
    scheduler,
  );
  const results: PublishResult[] = [];
  const outcome = { completed: false, error: undefined as unknown };
  const { publisher } = publishingTo(service, scheduler);
  source.values
    .pipe(
      publisher(ORDERS, options),
      tap((result) => results.push(result)),
    )
    .subscribe({
      error: (error: unknown) => (outcome.error = error),
      complete: () => (outcome.completed = true),
    });
  scheduler.flush();
  return { service, source, results, outcome };
}

describe('publisher, whatever happens', () => {
  it('gives each event exactly one result, in order, and tells the truth in it', function () {
    this.timeout(360_000);
    fc.assert(
      fc.property(scenarios, (scenario) => {
        const { service, source, results, outcome } = play(scenario);
        const { inputs, options } = scenario;
        const timesOnTopic = (id: string) => service.log.filter((event) => event.id === id).length;
        const ids = results.map((result) => (result.ok ? result.val.id : result.val.eventId));
        expect(ids).to.deep.equal(inputs.slice(0, results.length).map((_, index) => String(index)));
        for (const [index, result] of results.entries()) {
          const onTopic = timesOnTopic(String(index));
          const expected = inputs[index]?.kind;
          if (result.ok) {
            expect(expected).to.equal('good');
            expect(onTopic).to.be.at.least(1);
            if (options.onUnknown === 'fail') expect(onTopic).to.equal(1);
          } else if (result.val.outcome === 'not-published') {
            expect(expected).to.equal(result.val.reason);
            expect(onTopic).to.equal(0);
          } else {
            expect(options.onUnknown).to.equal('fail');
            expect(onTopic).to.be.at.most(1);
          }
        }
        const failedAt = options.onRefused === 'fail' ? results.findIndex(({ err }) => err) : -1;
        // Sessions that are refused for long are final, too; nothing else here is.
        if (failedAt >= 0) {
          expect(failedAt).to.equal(results.length - 1);
          // A source that has completed cannot say it any more, so the publisher does.
          const { error } = outcome;
          expect(error instanceof DeliveryFailedError ? error.cause : error).to.include({ eventId: String(failedAt) });
          expect(source.unsettled()[0]?.id).to.equal(String(failedAt));
          expect(source.settled).to.have.length(failedAt);
        } else if (outcome.error === undefined) {
          expect(outcome.completed).to.equal(true);
          expect(results).to.have.length(inputs.length);
          expect(source.unsettled()).to.deep.equal([]);
        } else {
          expect(outcome.error).to.equal(ERRORS.expired);
          expect(source.unsettled()).to.have.length.at.least(1);
        }
      }),
      { numRuns: 1_000 },
    );
  });
});

import { expect } from 'chai';
import { ConfigurationError, DeadLetterQueueError, Err, Ok, PublishError, type Result } from '@rxforce/core/model';
import { changeEvent, delivered, runMarbles } from '@rxforce/core/testing';
import { delay, lastValueFrom, map, NEVER, of, type Observable } from 'rxjs';
import {
  fakeDeadLetters,
  type FakeDeadLetters,
  type Mishap,
} from '../../dead-letters/test/support/fake-dead-letters.js';
import { runDiagram } from '../test/support/marble-doc.js';
import { memoryDeadLetterQueue, redrive, type DeadLetter } from '@rxforce/dead-letters';
import { publishOrPutAside, type PublishOrPutAsideOptions } from './publish-or-put-aside.js';

type Input = string | { readonly id: string };
const nameOf = (input: Input) => (typeof input === 'string' ? input : input.id);
const refusal = (input: Input) =>
  new PublishError('refused', `No ${nameOf(input)}.`, { topic: '/event/Order__e', eventId: nameOf(input) });

/** Publishes all but `x` and `y`. */
const publisher = map((input: Input): Result<string, PublishError> =>
  'xy'.includes(nameOf(input)) ? Err(refusal(input)) : Ok(nameOf(input)),
);
/** In capitals what was put aside. */
const shown = map((result: Result<string, DeadLetter<Input>>) =>
  result.ok ? result.val : nameOf(result.val.value).toUpperCase(),
);
const AT_ONCE = { delays: { type: 'constant', delayMs: 3 } } as const;
const failing = (...mishaps: Mishap[]) => fakeDeadLetters({ mishap: (_method, count) => mishaps[count - 1] });

describe('publishOrPutAside', () => {
  it('does what its diagram shows', () => {
    runDiagram('publish-or-put-aside.ts', (source: Observable<string>) =>
      source.pipe(
        delay(1),
        map((name) => (name === 'b' ? 'x' : name)),
        publishOrPutAside(publisher, fakeDeadLetters()),
        shown,
        map((name) => (name === 'X' ? 'x' : name)),
      ),
    );
  });

  // The queue answers after 2.
  const cases: [string, string, string, string][] = [
    ['never', '----', '----', '^'],
    ['an empty source', '--|', '--|', '^-!'],
    ['one that is published', '-a---|', '-a---|', '^----!'],
    ['one that is refused', '-x---|', '---X-|', '^----!'],
    ['many, in order', '-(axbc)-|', '-a-(Xbc)|', '^-------!'],
    ['what is left at the completion', '-x|', '---(X|)', '^-!'],
    ['an error of the source', '-a-x#', '-a--#', '^---!'],
  ];
  for (const [what, source, expected, subscription] of cases) {
    it(`publishes or puts aside: ${what}`, () => {
      runMarbles(({ cold, expectObservable, expectSubscriptions }) => {
        const input = cold(source);
        const queue = fakeDeadLetters({ answerMs: () => 2 });
        expectObservable(input.pipe(publishOrPutAside(publisher, queue), shown)).toBe(expected);
        expectSubscriptions(input.subscriptions).toBe(subscription);
      });
    });
  }

  it('unsubscribes from the source, early', () => {
    runMarbles(({ cold, expectObservable, expectSubscriptions }) => {
      const input = cold('-a-b-');
      expectObservable(input.pipe(publishOrPutAside(publisher, fakeDeadLetters()), shown), '^-!').toBe('-a-');
      expectSubscriptions(input.subscriptions).toBe('^-!');
    });
  });

  it('passes an error of the publisher on', () => {
    runMarbles(({ cold, expectObservable }) => {
      const over = (source: Observable<Input>) =>
        source.pipe(
          publisher,
          map(() => {
            throw new Error('over');
          }),
        );
      expectObservable(cold('-a-').pipe(publishOrPutAside(over, fakeDeadLetters()), shown)).toBe(
        '-#',
        undefined,
        new Error('over'),
      );
    });
  });

  it('tells its results and letters, with the input and the error', () => {
    const told: DeadLetter<Input>[] = [];
    const queue = putAsideAll([{ id: 'x' }, 'y'], { onDeadLetter: (letter) => told.push(letter) });
    const [first, second] = queue.letters();
    expect(told).to.deep.equal(queue.letters());
    expect(first).to.deep.include({ id: 'publish:/event/Order__e:x', value: { id: 'x' }, attempts: 1 });
    expect(first?.error).to.include({ name: 'PublishError', message: 'No x.', code: 'publish' });
    expect(second).to.deep.include({ value: 'y' });
    expect(second?.id).to.match(/^[\da-f-]{36}$/);
  });

  it('has one letter of an event that comes again', () => {
    expect(putAsideAll([{ id: 'x' }, { id: 'x' }]).letters()).to.have.length(1);
  });

  it('has the letter that deadLetterOf makes, of an event that is published as it is', () => {
    const event = { ...changeEvent(), id: 'x' };
    const [letter] = putAsideAll([event]).letters();
    expect(letter).to.include({ topic: event.topic, replayId: event.replayId.toString() });
    expect(letter?.id).to.include(event.replayId.toString());
  });

  it('puts aside what redrive can publish again', async () => {
    const queue = memoryDeadLetterQueue();
    const input = { id: 'x', data: { Ordered_At__c: new Date(5), Count__c: 7n } };
    await lastValueFrom(of(input).pipe(publishOrPutAside(publisher, queue)));
    const again: unknown[] = [];
    await lastValueFrom(redrive(queue, (value: typeof input) => of(again.push(value))));
    expect(again).to.deep.equal([input]);
  });

  describe('deliveries', () => {
    it('are settled when they are published, or their letters are in the queue', () => {
      runMarbles(({ cold, expectSettled, expectObservable, scheduler }) => {
        const { values, settled$ } = delivered(cold<Input>('-a-x-b---'), scheduler);
        const queue = fakeDeadLetters({ answerMs: () => 3 });
        expectObservable(values.pipe(publishOrPutAside(publisher, queue), shown), '^--------!').toBe('-a----(Xb)');
        expectSettled(settled$).toBe('-a----(xb)');
      });
    });

    it('are not settled, when the queue does not take their letters', () => {
      runMarbles(({ cold, scheduler, flush }) => {
        let error: unknown;
        const source = delivered(cold<Input>('-a-x-b---'), scheduler);
        source.values
          .pipe(publishOrPutAside(publisher, failing('permanent')))
          .subscribe({ error: (thrown: unknown) => (error = thrown) });
        flush();
        expect(error).to.be.instanceOf(DeadLetterQueueError);
        expect(source.settled.map(({ value }) => value)).to.deep.equal(['a']);
      });
    });
  });

  it('tries a queue again that fails for now', () => {
    runMarbles(({ cold, expectObservable }) => {
      const queue = failing('retriable');
      expectObservable(cold('-x---|').pipe(publishOrPutAside(publisher, queue, AT_ONCE), shown)).toBe('----X|');
    });
  });

  it('refuses what cannot be right', () => {
    const queue = fakeDeadLetters();
    expect(() => publishOrPutAside(NEVER as never, queue)).to.throw(ConfigurationError, 'got publisher');
    expect(() => publishOrPutAside(publisher, {} as never)).to.throw(ConfigurationError, 'got no queue');
    expect(() => publishOrPutAside(publisher, queue, { maxRetries: -1 })).to.throw(ConfigurationError, 'maxRetries');
    expect(() => publishOrPutAside(publisher, queue, { onDeadLetter: 5 as never })).to.throw(
      ConfigurationError,
      'onDeadLetter',
    );
  });
});

/** Publishes what is refused, and gives the queue. */
function putAsideAll(inputs: readonly Input[], options: PublishOrPutAsideOptions<Input> = {}): FakeDeadLetters {
  const queue = fakeDeadLetters();
  runMarbles(({ cold, flush }) => {
    cold<Input>('-abc|'.slice(0, inputs.length + 1) + '|', { a: inputs[0]!, b: inputs[1]!, c: inputs[2]! })
      .pipe(publishOrPutAside(publisher, queue, options))
      .subscribe();
    flush();
  });
  return queue;
}

import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { expect } from 'chai';
import { lastValueFrom, of } from 'rxjs';
import type { DeadLetterQueue } from '@rxforce/dead-letters';
import { memoryDeadLetterQueue, putAside, redrive } from '@rxforce/dead-letters';
import { deadLetterQueueContract } from '@rxforce/dead-letters/testing';
import { DeadLetterQueueError } from '@rxforce/core/model';
import { retryWithDLQ } from '@rxforce/operators';

const README = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
const [, CODE = ''] = /^```js\n([\s\S]*?)^```$/m.exec(README) ?? [];

/** Where packages are found from. */
const FOLDER = fileURLToPath(new URL('../../../../node_modules/.rxforce-docs', import.meta.url));

const file = join(FOLDER, `queue-${process.pid}.mjs`);
let myQueue: () => DeadLetterQueue;

describe('The queue of the README, in JavaScript', () => {
  before(async () => {
    mkdirSync(FOLDER, { recursive: true });
    writeFileSync(file, CODE);
    ({ myQueue } = (await import(pathToFileURL(file).href)) as { myQueue: () => DeadLetterQueue });
  });

  after(() => rmSync(file, { force: true }));

  describe('keeps the contract:', () => {
    for (const { name, run } of deadLetterQueueContract({ open: () => myQueue() })) it(name, run);
  });

  it('is where retryWithDLQ puts letters, and redrive takes them', async () => {
    const queue = myQueue();
    const fail = () => Promise.reject(new Error('no'));
    await lastValueFrom(of('a').pipe(retryWithDLQ(fail, { deadLetters: queue, maxRetries: 0 })));
    expect(await queue.depth()).to.equal(1);
    expect((await lastValueFrom(redrive<string, string[]>(queue, (value) => [value]))).unwrap()).to.equal('a');
    expect(await queue.depth()).to.equal(0);
  });
});

/** A queue whose methods are written wrong, as nobody says in JavaScript. */
const wrong = (methods: Readonly<Record<string, () => unknown>>) =>
  ({ ...bound(memoryDeadLetterQueue()), ...methods }) as unknown as DeadLetterQueue;

function bound(queue: DeadLetterQueue) {
  const { put, take, release, remove } = queue;
  return Object.fromEntries(
    Object.entries({ put, take, release, remove }).map(([name, method]) => [
      name,
      (method as (...given: unknown[]) => unknown).bind(queue),
    ]),
  );
}

const errorOf = (asked: Promise<unknown>): Promise<unknown> => asked.catch((error: unknown) => error);

describe('A queue in JavaScript that answers what none may', () => {
  const fail = () => Promise.reject(new Error('no'));
  const answers: Record<string, () => unknown> = {
    'resolves with an error': () => Promise.resolve(new Error('full')),
    'resolves with an Err': () => Promise.resolve({ ok: false, err: true, val: new DeadLetterQueueError('full') }),
    'returns nothing': () => undefined,
    'rejects with what is no error of a queue': () => Promise.reject(new Error('full')),
    throws: () => {
      throw new TypeError('full');
    },
  };
  for (const [what, put] of Object.entries(answers)) {
    it(`ends the stream with an error of the queue, when put() ${what}`, async () => {
      const deadLetters = wrong({ put });
      const emitted: unknown[] = [];
      const work$ = of('a').pipe(
        retryWithDLQ(fail, { deadLetters, maxRetries: 0, onDeadLetter: (it) => emitted.push(it) }),
      );
      for (const error of [await errorOf(lastValueFrom(work$)), await errorOf(putAside(deadLetters)('a', 'no'))]) {
        expect(error).to.be.instanceOf(DeadLetterQueueError).with.property('retriable', false);
      }
      expect(emitted).to.deep.equal([]);
    });
  }

  it('ends a redrive, when take() resolves with undefined, as a query without a row does', async () => {
    const error = await errorOf(lastValueFrom(redrive(wrong({ take: () => Promise.resolve(undefined) }), fail)));
    expect(error).to.be.instanceOf(DeadLetterQueueError).with.property('retriable', false);
    expect((error as Error).message).to.include('take() of the dead-letter queue resolved with undefined');
  });

  it('ends a redrive that may have been done, when remove() does not say so', async () => {
    const queue = wrong({ remove: () => Promise.resolve('OK') });
    await putAside(queue)('a', 'no');
    const results: unknown[] = [];
    const error = await errorOf(redrive<string, string[]>(queue, (value) => [value]).forEach((it) => results.push(it)));
    expect(error).to.be.instanceOf(DeadLetterQueueError);
    expect((error as Error).message).to.match(/remove\(\) of the dead-letter queue resolved with a text/);
    expect(results).to.deep.equal([]);
  });
});

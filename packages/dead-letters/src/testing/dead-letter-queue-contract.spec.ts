import { expect } from 'chai';
import { DeadLetterQueueError, Ok, type Result } from '@rxforce/core/model';
import type { DeadLetter, DeadLetterQueue } from '../dead-letter-queue.js';
import { memoryDeadLetterQueue } from '../memory-dead-letter-queue.js';
import { deadLetterQueueContract } from './dead-letter-queue-contract.js';

type Change = (good: DeadLetterQueue) => Partial<DeadLetterQueue>;

/** A queue that does one thing in another way. */
function changed(change: Change): DeadLetterQueue {
  const good = memoryDeadLetterQueue();
  const { put, list, take, release, remove, purge, depth } = good;
  const bound = { put, list, take, release, remove, purge, depth };
  for (const [name, method] of Object.entries(bound)) {
    Object.assign(bound, { [name]: (method as () => unknown).bind(good) });
  }
  return { ...bound, ...change(good) };
}

/** The cases that a queue fails. */
async function failedBy(change: Change): Promise<string[]> {
  const failed: string[] = [];
  for (const { name, run } of deadLetterQueueContract({ open: () => changed(change) })) {
    await run().catch(() => failed.push(name));
  }
  return failed;
}

const done = Promise.resolve();

/** Letters as another queue makes them. */
const mapped = (change: (letter: DeadLetter) => DeadLetter) => (good: DeadLetterQueue) => ({
  put: (letters: readonly DeadLetter[]) => good.put(letters.map(change)),
});

async function* reversed(list: AsyncIterable<Result<DeadLetter, DeadLetterQueueError>>) {
  const letters = [];
  for await (const letter of list) letters.unshift(letter);
  yield* letters;
}

/** Keeps the letters themselves, as a naive one would. */
function naive(): Partial<DeadLetterQueue> {
  const kept = new Map<string, DeadLetter>();
  return {
    put: (letters) => {
      letters.forEach((letter) => kept.set(letter.id, letter));
      return done;
    },
    // eslint-disable-next-line @typescript-eslint/require-await
    list: async function* () {
      for (const letter of kept.values()) yield Ok(letter);
    },
    depth: () => Promise.resolve(kept.size),
  };
}

describe('deadLetterQueueContract', () => {
  it('passes a queue that keeps it', async () => {
    expect(await failedBy(() => ({}))).to.deep.equal([]);
  });

  const broken: [string, Change, RegExp][] = [
    ['loses what is put', () => ({ put: () => done }), /keeps 1,000 letters/],
    ['puts one by one', (good) => ({ put: (letters) => eachAlone(good, letters) }), /keeps none of the letters/],
    ['rejects', () => ({ put: () => Promise.reject(new DeadLetterQueueError('no')) }), /1,000/],
    ['rejects with any error', (good) => ({ take: (options) => takeOrFail(good, options) }), /less than one letter/],
    ['resolves with its errors', (good) => ({ put: (letters) => putOrResolve(good, letters) }), /cannot be kept/],
    ['resolves with what it was given', (good) => ({ put: (letters) => putAndEcho(good, letters) }), /1,000/],
    ['lists in another order', (good) => ({ list: () => reversed(good.list()) }), /longest ago first/],
    ['keeps letters as they are', naive, /when the value is changed later/],
    ['knows JSON only', mapped((letter) => ({ ...letter, value: asJson(letter.value) })), /as it was: bigints/],
    ['cuts ids off', mapped((letter) => ({ ...letter, id: letter.id.slice(0, 1_999) })), /ids are spelled/],
    ['is blind to case', mapped((letter) => ({ ...letter, id: letter.id.toLowerCase() })), /ids are spelled/],
    ['forgets the payload', mapped((letter) => ({ ...letter, payload: undefined })), /everything else/],
    ['counts wrong', (good) => ({ depth: () => good.depth().then((depth) => depth + 1) }), /is empty/],
    ['hands out letters twice', (good) => ({ take: (options) => takeFromList(good, options) }), /to one, when many/],
    [
      'hands out too many',
      (good) => ({ take: (options) => good.take({ ...options, limit: 100 }) }),
      /as many as asked/,
    ],
    ['takes no account of time', (good) => ({ take: ({ limit }) => good.take({ limit }) }), /given time or later/],
    ['removes what it hands out', (good) => ({ take: (options) => takeAndRemove(good, options) }), /still lists/],
    ['keeps what was taken', () => ({ release: () => done }), /when it was released/],
    ['releases all', (good) => ({ release: async () => good.release(await idsIn(good)) }), /when it was released/],
    ['keeps what was removed', () => ({ remove: () => done }), /forgets letters that are removed/],
    ['removes one at a time', (good) => ({ remove: (ids) => good.remove(ids.slice(0, 1)) }), /that are removed/],
    ['purges all', (good) => ({ purge: () => good.purge() }), /purged with one/],
    ['purges nothing', () => ({ purge: () => Promise.resolve(5) }), /tells how many/],
    ['purges what is new', (good) => ({ purge: (before) => good.purge(before && before + 1) }), /purged with one/],
  ];
  for (const [what, change, expected] of broken) {
    it(`fails a queue that ${what}`, async () => {
      expect((await failedBy(change)).join('\n')).to.match(expected);
    });
  }

  it('fails a queue that forgets, when it is opened again', async () => {
    const options = { open: () => memoryDeadLetterQueue(), reopen: () => memoryDeadLetterQueue() };
    const failed: string[] = [];
    for (const { name, run } of deadLetterQueueContract(options)) await run().catch(() => failed.push(name));
    expect(failed).to.include('has what is there, when it is opened again and again');
    expect(failed).to.include('shows what another queue over its letters did');
  });

  it('disposes of what a case used, also when it failed', async () => {
    let disposed = 0;
    const open = () => changed(() => ({ depth: () => Promise.reject(new Error('no')) }));
    const [first] = deadLetterQueueContract({ open, dispose: () => void (disposed += 1) });
    expect(await first!.run().catch(() => 'failed')).to.equal('failed');
    expect(disposed).to.equal(1);
  });
});

async function eachAlone(queue: DeadLetterQueue, letters: readonly DeadLetter[]) {
  for (const letter of letters) await queue.put([letter]);
}

async function takeOrFail(queue: DeadLetterQueue, options: { limit: number }) {
  return queue.take(options).catch(() => Promise.reject(new RangeError('no')));
}

async function putOrResolve(queue: DeadLetterQueue, letters: readonly DeadLetter[]) {
  return queue.put(letters).catch((error: unknown) => error as undefined);
}

async function putAndEcho(queue: DeadLetterQueue, letters: readonly DeadLetter[]) {
  await queue.put(letters);
  return letters as unknown as undefined;
}

async function takeFromList(queue: DeadLetterQueue, { limit }: { limit: number }) {
  const letters: DeadLetter[] = [];
  for await (const letter of queue.list()) letters.push(letter.unwrap());
  return letters.slice(0, limit);
}

async function takeAndRemove(queue: DeadLetterQueue, options: { limit: number }) {
  const taken = await queue.take(options);
  await queue.remove(taken.map(({ id }) => id));
  return taken;
}

async function idsIn(queue: DeadLetterQueue): Promise<string[]> {
  const ids: string[] = [];
  for await (const letter of queue.list()) ids.push(letter.unwrap().id);
  return ids;
}

function asJson(value: unknown): unknown {
  try {
    return JSON.parse(JSON.stringify(value)) as unknown;
  } catch {
    return null;
  }
}

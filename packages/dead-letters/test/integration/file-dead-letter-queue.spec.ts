import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import type { DeadLetter, DeadLetterQueue } from '../../src/dead-letter-queue.js';
import { fileDeadLetterQueue } from '../../src/file-dead-letter-queue.js';
import { LetterProcess, type LetterTask } from '../support/letter-process.js';
import { letterWith } from '../support/letter-with.js';
import { seededSuite, times } from '../../../core/test/fault/support/seeded.js';

/** In each of four lanes. */
const KILLS = times(5);
const RUNS = times(40);

describe('A fileDeadLetterQueue of several processes', function () {
  this.timeout(180_000);
  let directory = '';
  let processes: LetterProcess[] = [];

  beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'rxforce-letters-'))));

  afterEach(async () => {
    await Promise.all(processes.map((each) => each.kill()));
    processes = [];
    rmSync(directory, { recursive: true, force: true });
  });

  const start = (task: LetterTask) => {
    const started = new LetterProcess(task);
    processes.push(started);
    return started;
  };

  const random = seededSuite(20_261_130);
  /** What is there, after checking that it is whole. */
  const idsThere = async () => {
    const letters = await listed(fileDeadLetterQueue(directory));
    letters.forEach((letter) => expect(letter).to.deep.equal(letterWith(letter.id, letter.attempts)));
    return new Set(letters.map(({ id }) => id));
  };

  it('has what was confirmed, and nothing that was removed, whenever processes are killed', async () => {
    let confirmed = 0;
    /** Some processes, one after the other; the others of the directory go on meanwhile. */
    const killAgainAndAgain = async (lane: string) => {
      for (let round = 0; round < KILLS; round++) {
        const writer = start({ type: 'churn', directory, name: `${lane}${round}` });
        await writer.hasPrinted(1 + random.below(60));
        await turns(random.below(1_000));
        await writer.kill();
        expectAllThere(writer, await idsThere());
        confirmed += writer.idsOf('put').size;
      }
    };
    await Promise.all(['a', 'b', 'c', 'd'].map(killAgainAndAgain));
    const there = await idsThere();
    processes.forEach((each) => expectAllThere(each, there));
    expect(confirmed).to.be.above(20);

    const queue = fileDeadLetterQueue(directory);
    await queue.put([letterWith('new')]);
    expect(await queue.purge()).to.equal(there.size + 1);
    // Where one was killed between the making of a file and its first record, nobody can tell yet that it is not to
    // come.
    readdirSync(directory).forEach((name) => expect(linesOf(join(directory, name)), name).to.be.below(2));
  });

  /** Also what was neither confirmed nor begun to be removed is there together with what was put together with it. */
  function expectAllThere(writer: LetterProcess, there: ReadonlySet<string>): void {
    const [removing, removed] = [writer.idsOf('removing'), writer.idsOf('removed')];
    for (const id of writer.idsOf('put')) if (!removing.has(id)) expect(there, id).to.include(id);
    for (const id of removed) expect(there).to.not.include(id);
    for (const id of writer.idsOf('putting')) {
      if (id.endsWith('y')) expect(there.has(id), id).to.equal(there.has(id.replace(/y$/, 'z')));
    }
  }

  it('gives every letter to somebody, and has none left, when some put and some redrive', async () => {
    const putters = ['a', 'b'].map((name) => start({ type: 'put', directory, name, count: 150 }));
    const redrivers = [start({ type: 'redrive', directory }), start({ type: 'redrive', directory })];
    expect(await Promise.all(putters.map(({ ended }) => ended))).to.deep.equal([0, 0]);
    redrivers.forEach((each) => each.finish());
    expect(await Promise.all(redrivers.map(({ ended }) => ended))).to.deep.equal([0, 0]);

    const handled = new Set(redrivers.flatMap((each) => [...each.idsOf('removed')]));
    const all = ['a', 'b'].flatMap((name) => Array.from({ length: 150 }, (_, count) => `${name}-${count}`));
    expect([...handled].sort()).to.deep.equal(all.sort());
    expect([...(await idsThere())]).to.deep.equal([]);
    const queue = fileDeadLetterQueue(directory);
    await queue.put([letterWith('last')]);
    await queue.remove(['last']);
    expect(readdirSync(directory)).to.deep.equal([]);
  });
});

describe('Several fileDeadLetterQueues over one directory', function () {
  this.timeout(180_000);
  const ID = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f');
  const QUEUES = 3;
  const action = fc.oneof(
    { weight: 4, arbitrary: fc.record({ type: fc.constant('put' as const), ids: fc.array(ID, { maxLength: 3 }) }) },
    { weight: 3, arbitrary: fc.record({ type: fc.constant('remove' as const), ids: fc.array(ID, { maxLength: 3 }) }) },
    { weight: 1, arbitrary: fc.record({ type: fc.constant('purge' as const), before: fc.nat(60) }) },
    { weight: 1, arbitrary: fc.record({ type: fc.constant('reopen' as const) }) },
  );
  const actions = fc.array(fc.record({ who: fc.nat(QUEUES - 1), action }), { maxLength: 30, size: 'max' });
  const sizes = fc.constantFrom(1, 1_500, 1_000_000);

  /** Runs a test with a directory of its own. */
  async function inDirectory(test: (open: (maxFileBytes: number) => DeadLetterQueue, path: string) => Promise<void>) {
    const path = mkdtempSync(join(tmpdir(), 'rxforce-letters-'));
    try {
      await test((maxFileBytes) => fileDeadLetterQueue(path, { maxFileBytes }), path);
    } finally {
      rmSync(path, { recursive: true, force: true });
    }
  }

  it('are like one, when one thing is done after the other', () =>
    fc.assert(
      fc.asyncProperty(actions, sizes, (steps, size) =>
        inDirectory(async (open, path) => {
          const queues = Array.from({ length: QUEUES }, () => open(size));
          const model = new Map<string, DeadLetter>();
          for (const [time, { who, action: step }] of steps.entries()) {
            const queue = queues[who]!;
            switch (step.type) {
              case 'put': {
                const letters = step.ids.map((id, index) => ({
                  ...letterWith(id),
                  attempts: index,
                  lastFailedAt: time,
                }));
                await queue.put(letters);
                letters.forEach((letter) => (model.delete(letter.id), model.set(letter.id, letter)));
                break;
              }
              case 'remove':
                await queue.remove(step.ids);
                step.ids.forEach((id) => model.delete(id));
                break;
              case 'purge': {
                const old = [...model.values()].filter(({ lastFailedAt }) => lastFailedAt < step.before);
                expect(await queue.purge(step.before)).to.equal(old.length);
                old.forEach(({ id }) => model.delete(id));
                break;
              }
              case 'reopen':
                queues[who] = open(size);
            }
            expect(await listed(queues[time % QUEUES]!)).to.deep.equal([...model.values()]);
          }
          for (const queue of [...queues, open(size)]) expect(await listed(queue)).to.deep.equal([...model.values()]);
          await queues[0]!.put([letterWith('last')]);
          await queues[1]!.purge();
          expect(readdirSync(path)).to.deep.equal([]);
        }),
      ),
      { numRuns: RUNS },
    ));

  it('agree in the end, and have what nobody removed, when everything is done at once', () =>
    fc.assert(
      fc.asyncProperty(actions, sizes, (steps, size) =>
        inDirectory(async (open, path) => {
          const queues = Array.from({ length: QUEUES }, () => open(size));
          // Each id is one queue's own, so that it is known what comes last.
          const own = (who: number, id: string) => `${who}${id}`;
          const kept = new Map<string, DeadLetter>();
          const calls = steps.map(({ who, action: step }, time) => {
            if (step.type === 'put') {
              const letters = step.ids.map((id) => ({ ...letterWith(own(who, id)), lastFailedAt: time }));
              letters.forEach((letter) => kept.set(letter.id, letter));
              return queues[who]!.put(letters);
            }
            if (step.type !== 'remove') return queues[who]!.depth();
            const ids = step.ids.map((id) => own(who, id));
            ids.forEach((id) => kept.delete(id));
            return queues[who]!.remove(ids);
          });
          await Promise.all(calls);
          const expected = [...kept.values()].map(shown).sort();
          for (const queue of [...queues, open(size)]) {
            expect((await listed(queue)).map(shown).sort()).to.deep.equal(expected);
          }
          await queues[0]!.put([letterWith('last')]);
          await queues[1]!.purge();
          expect(readdirSync(path)).to.deep.equal([]);
        }),
      ),
      { numRuns: RUNS },
    ));
});

function shown({ id, lastFailedAt }: DeadLetter): string {
  return `${id} at ${lastFailedAt}`;
}

async function listed(queue: DeadLetterQueue): Promise<DeadLetter[]> {
  const letters: DeadLetter[] = [];
  for await (const letter of queue.list()) letters.push(letter.unwrap());
  return letters;
}

function linesOf(path: string): number {
  return readFileSync(path, 'utf8').split('\n').length - 1;
}

/** Lets the event loop turn this often. */
async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
}

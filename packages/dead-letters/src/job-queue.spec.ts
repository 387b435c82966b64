import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { DeadLetterQueueError } from '@rxforce/core/model';
import { JobQueue, type Job } from './job-queue.js';
import { LetterDirectory } from './letter-directory.js';
import { errorOf } from './testing/queue-kit.js';

describe('JobQueue', () => {
  let directory = '';
  let jobs: JobQueue;
  let log: string[] = [];

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'rxforce-letters-'));
    jobs = new JobQueue(new LetterDirectory(directory, 1_000));
    log = [];
  });

  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  /** A job that says when it begins and ends. */
  function job(name: string, ids?: string[]): Job<string> {
    const plan = async () => {
      log.push(`+${name}`);
      await new Promise((resolve) => setImmediate(resolve));
      log.push(`-${name}`);
      return { records: [], answer: name };
    };
    return ids ? { plan, ids } : { plan };
  }

  const done = async (...all: Job<string>[]) => {
    const answers = await Promise.all(all.map((each) => jobs.do(each)));
    expect(answers).to.have.lengthOf(all.length);
    return log.join(' ');
  };

  it('does those together that are about different letters', async () => {
    expect(await done(job('1', ['a']), job('2', ['b', 'c']), job('3', []))).to.equal('+1 +2 +3 -1 -2 -3');
  });

  it('does those one after the other that are about the same letters', async () => {
    const all = [job('1', ['a']), job('2', ['b', 'a']), job('3', ['b']), job('4', ['c'])];
    expect(await done(...all)).to.equal('+1 -1 +2 -2 +3 +4 -3 -4');
  });

  it('does those alone that may be about any letter', async () => {
    const all = [job('1'), job('2', ['a']), job('3', ['b']), job('4'), job('5'), job('6', ['c'])];
    expect(await done(...all)).to.equal('+1 -1 +2 +3 -2 -3 +4 -4 +5 -5 +6 -6');
  });

  it('rejects, when a plan throws or rejects, and goes on', async () => {
    const error = new DeadLetterQueueError('no');
    expect(await errorOf(jobs.do({ plan: () => Promise.reject(error) }))).to.equal(error);
    const thrown = new RangeError('too long');
    const plan = () => {
      throw thrown;
    };
    const [failed, together] = [errorOf(jobs.do({ plan, ids: ['a'] })), jobs.do(job('1', ['b']))];
    expect(await failed).to.include({ cause: thrown, retriable: false });
    expect(await together).to.equal('1');
    expect(await jobs.do(job('2'))).to.equal('2');
  });
});

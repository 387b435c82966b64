import { expect } from 'chai';
import type { OrgRequest } from '@rxforce/core';
import { ServiceError } from '@rxforce/core/model';
import { SteppedTime } from '../../../core/test/support/stepped-time.js';
import { ApiPace } from './api-pace.js';
import type { OrgContext } from './call-org.js';
import { finishedJob } from './query-job.js';

const JOB = '750000000000001AAA';

/** A job whose states the test has; the last one stays. */
function working(...states: readonly object[]) {
  const time = new SteppedTime();
  const calls: string[] = [];
  const looks: number[] = [];
  const fetch = (path: string, { method = 'GET', body }: OrgRequest = {}) => {
    calls.push(`${method} ${path.replace('/services/data/v64.0', '')}${body === undefined ? '' : ` ${String(body)}`}`);
    if (method !== 'GET') return Promise.resolve(Response.json({ id: JOB, state: 'UploadComplete' }));
    looks.push(time.now());
    return Promise.resolve(Response.json(states[Math.min(looks.length, states.length) - 1]));
  };
  const ignore = () => undefined;
  const client = { fetch } as unknown as OrgContext['client'];
  const pace = new ApiPace(0, ignore);
  const context = { apiVersion: '64.0', pace, scheduler: time, warn: ignore, warnOnce: ignore, client };
  const seen: unknown[] = [];
  const subscription = finishedJob(context, { entity: 'A', columns: ['Id', 'B'], where: 'C = 1' }).subscribe({
    next: (job) => seen.push(job),
    error: (error: unknown) => seen.push(error),
    complete: () => seen.push('complete'),
  });
  return { time, calls, looks, seen, subscription };
}

describe('finishedJob', () => {
  it('starts a job without an order, and emits its id when it is complete', async () => {
    const { time, calls, seen } = working({ state: 'JobComplete' });
    await time.pass(0);
    const body = '{"operation":"query","query":"SELECT Id,B FROM A WHERE C = 1"}';
    expect(calls).to.deep.equal([`POST /jobs/query ${body}`, `GET /jobs/query/${JOB}`]);
    expect(seen).to.deep.equal([JOB, 'complete']);
  });

  it('looks after two seconds, and then less and less often, at least each half minute', async () => {
    const { time, looks, seen } = working({ state: 'InProgress' });
    await time.pass(120_000);
    expect(looks.map(Math.round)).to.deep.equal([0, 2_000, 5_000, 9_500, 16_250, 26_375, 41_563, 64_344, 94_344]);
    expect(seen).to.deep.equal([]);
  });

  it('is complete, when a later look says so', async () => {
    const { time, looks, seen } = working(
      { state: 'UploadComplete' },
      { state: 'InProgress' },
      { state: 'JobComplete' },
    );
    await time.pass(100_000);
    expect(looks).to.deep.equal([0, 2_000, 5_000]);
    expect(seen).to.deep.equal([JOB, 'complete']);
  });

  for (const state of ['Failed', 'Aborted']) {
    it(`errors with the words of the org, when the job is ${state}`, async () => {
      const { time, calls, seen } = working({ state: 'InProgress' }, { state, errorMessage: 'too many' });
      await time.pass(100_000);
      expect(seen[0]).to.be.instanceOf(ServiceError).with.property('message').that.includes(`(${state}): too many`);
      expect(calls).to.have.length(3);
    });
  }

  it('aborts the job, when nobody waits for it any more', async () => {
    const { time, calls, subscription } = working({ state: 'InProgress' });
    await time.pass(3_000);
    subscription.unsubscribe();
    await time.pass(100_000);
    expect(calls.slice(3)).to.deep.equal([`PATCH /jobs/query/${JOB} {"state":"Aborted"}`]);
  });
});

import { expect } from 'chai';
import type { OrgRequest } from '@rxforce/core';
import {
  AuthenticationError,
  ClientClosedError,
  ConnectionError,
  LimitExceededError,
  ServiceError,
} from '@rxforce/core/model';
import { promises, SteppedTime } from '../../../core/test/support/stepped-time.js';
import { ApiPace } from './api-pace.js';
import { callOrg, readJson, type OrgContext } from './call-org.js';

/** A call of an org whose answers the test has; each is a response, an error, or one that never comes. */
function calling(...answers: readonly unknown[]) {
  const time = new SteppedTime();
  const warnings: string[] = [];
  const warn = (message: string) => void warnings.push(message);
  const requests: OrgRequest[] = [];
  const paths: string[] = [];
  const fetch = (path: string, request: OrgRequest = {}) => {
    paths.push(path);
    requests.push(request);
    const answer = answers[Math.min(paths.length, answers.length) - 1];
    if (answer instanceof Error) return Promise.reject(answer);
    return answer === 'never' ? new Promise(() => undefined) : Promise.resolve((answer as Response).clone());
  };
  const pace = new ApiPace(0.1, warn);
  const client = { fetch } as unknown as OrgContext['client'];
  const context = { apiVersion: '64.0', pace, scheduler: time, warn, warnOnce: warn, client };
  const seen: unknown[] = [];
  const call$ = callOrg(context, { path: '/limits', read: readJson });
  const subscribe = () =>
    call$.subscribe({
      next: (value) => seen.push(value),
      error: (error: unknown) => seen.push(error),
      complete: () => seen.push('complete'),
    });
  return { time, warnings, requests, paths, seen, subscribe };
}

const fine = () => Response.json({ ok: 1 });
const broken = new ConnectionError('broken');

describe('callOrg', () => {
  it('calls once for each subscription, below the path of the version', async () => {
    const { paths, seen, subscribe } = calling(fine());
    expect(paths).to.deep.equal([]);
    subscribe();
    await promises();
    subscribe();
    await promises();
    expect(paths).to.deep.equal(['/services/data/v64.0/limits', '/services/data/v64.0/limits']);
    expect(seen).to.deep.equal([{ ok: 1 }, 'complete', { ok: 1 }, 'complete']);
  });

  it('calls again while the failure may pass, and warns less and less often', async () => {
    const answers = [...Array.from({ length: 9 }, () => broken), fine()];
    const { time, warnings, paths, seen, subscribe } = calling(...answers);
    subscribe();
    await time.pass(300_000);
    expect(paths).to.have.length(10);
    expect(seen).to.deep.equal([{ ok: 1 }, 'complete']);
    expect(warnings).to.have.length(4);
    expect(warnings[0]).to.match(/failed once, and is tried again in \d+ ms. broken$/);
    expect(warnings[3]).to.include('failed 8 times');
  });

  it('calls again after a longer pause, when the calls of the org are used up', async () => {
    const usedUp = new LimitExceededError('used up', { retriable: true });
    const { time, paths, subscribe } = calling(usedUp);
    subscribe();
    await time.pass(3_600_000);
    // Two minutes at most, one on average.
    expect(paths.length).to.be.within(31, 150);
  });

  for (const final of [new ServiceError('no'), new ClientClosedError('closed')]) {
    it(`passes on the error, when it is final (${final.code})`, async () => {
      const { seen, paths, subscribe } = calling(final);
      subscribe();
      await promises();
      expect(seen).to.deep.equal([final]);
      expect(paths).to.have.length(1);
    });
  }

  it('gives up, when the session is refused again and again', async () => {
    const refused = new AuthenticationError('no scope', { reason: 'other', retriable: true, serviceCode: 'X' });
    const { time, seen, paths, subscribe } = calling(refused);
    subscribe();
    await time.pass(600_000);
    expect(paths).to.have.length(5);
    expect(seen[0]).to.be.instanceOf(AuthenticationError).and.include({ retriable: false, serviceCode: 'X' });
  });

  it('calls again, when the answer breaks off, and not when it is no JSON', async () => {
    const body = new ReadableStream({ pull: (controller) => controller.error(new Error('reset')) });
    const { time, seen, subscribe } = calling(new Response(body), fine());
    subscribe();
    await time.pass(1_000);
    expect(seen).to.deep.equal([{ ok: 1 }, 'complete']);
    const page = calling(new Response('<html>'));
    page.subscribe();
    await promises();
    expect(page.seen[0]).to.have.property('code', 'protocol');
  });

  it('calls again, when there is no answer for ten minutes, and ends the call before', async () => {
    const { time, seen, requests, subscribe } = calling('never', fine());
    subscribe();
    await time.pass(599_999);
    expect(requests).to.have.length(1);
    expect(requests[0]!.signal!.aborted).to.equal(false);
    await time.pass(1_000);
    expect(requests[0]!.signal!.aborted).to.equal(true);
    expect(seen).to.deep.equal([{ ok: 1 }, 'complete']);
  });

  it('ends the call, when it is unsubscribed', async () => {
    const { seen, requests, subscribe } = calling('never');
    const subscription = subscribe();
    await promises();
    subscription.unsubscribe();
    expect(requests[0]!.signal!.aborted).to.equal(true);
    expect(seen).to.deep.equal([]);
  });

  it('makes no further call, when it is unsubscribed in a pause', async () => {
    const { time, paths, subscribe } = calling(broken);
    const subscription = subscribe();
    await promises();
    subscription.unsubscribe();
    await time.pass(100_000);
    expect(paths).to.have.length(1);
  });

  it('waits before a call, when the org has few left', async () => {
    const few = Response.json({ ok: 1 }, { headers: { 'sforce-limit-info': 'api-usage=9500/10000' } });
    const { time, paths, warnings, subscribe } = calling(few);
    subscribe();
    await promises();
    subscribe();
    await time.pass(30_499);
    expect(paths).to.have.length(1);
    await time.pass(1);
    expect(paths).to.have.length(2);
    expect(warnings).to.have.length(1);
  });
});

import { ConnectionError, type ClientState, type RxforceError, type SubscriptionState } from '@rxforce/core';
import type { PageServer } from '@rxforce/live-page/page';
import { expect } from 'chai';
import { serveHealth } from './health-server.js';

const TOPIC = '/data/AccountChangeEvent';
const READ = { at: 0, from: 'latest' } as const;

const subscription = (changes: Partial<SubscriptionState>): SubscriptionState => ({
  ...{ topic: TOPIC, subscription: 1, name: 'crm', state: 'connecting', since: 0, troubleSince: undefined },
  ...{ wasConnected: false, cause: undefined, window: undefined, lagMs: undefined, lastResponseAt: undefined },
  ...{ lastCommit: undefined, start: undefined },
  ...changes,
});

describe('The probe /startupz', () => {
  let server: PageServer | undefined;
  afterEach(async () => server?.close());

  const started = async (needsLogin = true) => {
    const now = {
      isOpen: false,
      isIn: false,
      refusal: undefined as RxforceError | undefined,
      subscriptions: [] as readonly SubscriptionState[],
      left: ['/data/Y'],
    };
    const state = (): ClientState => ({
      ...{ at: 0, state: 'open', apiUsage: undefined, subscriptions: now.subscriptions },
      login: now.isIn || now.refusal ? { ok: now.isIn, at: 0, cause: now.refusal, tookMs: 0 } : undefined,
    });
    const metrics = { contentType: 'text/plain', text: () => Promise.resolve('') };
    const health = {
      state,
      isOpen: () => now.isOpen,
      sinks: () => [],
      unsubscribed: () => now.left,
      needsLogin,
      metrics,
    };
    server = await serveHealth({ host: '127.0.0.1', port: 0, token: undefined, page: [] }, health);
    const url = `${server.url}/startupz`;
    const reasons = async () => {
      const answer = await fetch(url);
      const body = (await answer.json()) as { readonly ok: boolean; readonly reasons: readonly string[] };
      expect(body.ok).to.equal(answer.status === 200);
      return body.reasons;
    };
    return { now, reasons };
  };

  it('says what the start waits for, one after the other', async () => {
    const { now, reasons } = await started();
    expect(await reasons()).to.deep.equal(['It starts.']);
    now.isOpen = true;
    expect(await reasons()).to.deep.equal(['Nobody has logged in yet.']);
    now.refusal = new ConnectionError('Nothing answers: check the loginUrl.');
    expect(await reasons()).to.deep.equal(['Nobody has logged in yet: Nothing answers: check the login_url.']);
    [now.isIn, now.refusal] = [true, undefined];
    expect(await reasons()).to.deep.equal(['/data/Y is not subscribed to yet.']);
    now.subscriptions = [subscription({ start: READ })];
    expect(await reasons()).to.deep.equal(['/data/Y is not subscribed to yet.']);
    now.left = [];
    const standby = subscription({ state: 'standby' });
    now.subscriptions = [subscription({}), subscription({ state: 'waiting', topic: '/data/X' }), standby];
    expect(await reasons()).to.deep.equal([
      `${TOPIC} has not read its position yet.`,
      '/data/X has not read its position yet.',
    ]);
    now.subscriptions = [subscription({ start: READ }), standby];
    expect(await reasons()).to.deep.equal([]);
  });

  it('stays 200, whatever comes after the start', async () => {
    const { now, reasons } = await started();
    Object.assign(now, { isOpen: true, isIn: true, left: [], subscriptions: [subscription({ start: READ })] });
    expect(await reasons()).to.deep.equal([]);
    Object.assign(now, {
      isIn: false,
      refusal: undefined as RxforceError | undefined,
      subscriptions: [subscription({ state: 'waiting' })],
    });
    expect(await reasons()).to.deep.equal([]);
  });

  it('needs no login and no subscription of a worker', async () => {
    const { now, reasons } = await started(false);
    Object.assign(now, { isOpen: true, left: [] });
    expect(await reasons()).to.deep.equal([]);
  });
});

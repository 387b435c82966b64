import { expect } from 'chai';
import { firstValueFrom, NEVER, Subject } from 'rxjs';
import { livePage, type DrainWork, type LivePageOptions, type LiveReading } from '../../src/index.js';
import { rawRequest } from '../support/raw-request.js';
import { Stage } from '../support/stage.js';

const OWN = { 'x-rxforce': '1' };
const CLOSED = { at: 0, state: 'closed', login: undefined, apiUsage: undefined, subscriptions: [] } as const;

describe('A drain of the page', () => {
  const ends: (() => unknown)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0)) await end();
  });

  const ofPage = (url: string) => ({
    drain: () => rawRequest(`${url}/api/drain`, { method: 'POST', headers: OWN }),
    post: (path: string) => rawRequest(url + path, { method: 'POST', headers: OWN, body: '{"all":true}' }),
    reading: async () => JSON.parse((await rawRequest(`${url}/api/state`)).body) as LiveReading,
    offered: async () => (JSON.parse((await rawRequest(`${url}/api/settings`)).body) as { drain: boolean }).drain,
  });
  const stageOf = async (options: LivePageOptions = {}) => {
    const stage = await Stage.open({ actions: true, ...options });
    ends.push(() => stage.close());
    return { stage, ...ofPage(stage.page.url) };
  };
  const turn = () => new Promise((resolve) => setImmediate(resolve));

  it('finishes what is in work, takes nothing new, and leaves a line with what came of it', async () => {
    const lines: string[] = [];
    const logger = { warn: () => undefined, info: (line: string) => void lines.push(line) };
    const { stage, drain, post, reading } = await stageOf({ logger });
    const go = new Subject<void>();
    let begun = 0;
    stage.accounts(() => (begun++, firstValueFrom(go)));
    stage.emulator.org.create('Account', [{ Name: 'a' }, { Name: 'b' }]);
    while (begun < 2) await turn();
    const answer = await drain();
    expect(answer.status).to.equal(202);
    expect(JSON.parse(answer.body)).to.include({ state: 'running', endedAt: null, left: null });
    while ((await reading()).clients[0]?.state !== 'draining') await turn();
    expect((await reading()).drain).to.include({ state: 'running' });
    expect((await post('/api/dead-letters/accounts/redrive')).status).to.equal(409);
    expect((await drain()).status).to.equal(202);
    stage.emulator.org.create('Account', { Name: 'c' });
    go.next();
    while ((await reading()).drain?.state === 'running') await turn();
    const { drain: drained, clients, happened } = await reading();
    expect(drained).to.include({ state: 'done', settled: 2, left: 0, reason: null });
    expect([clients[0]?.state, begun]).to.deep.equal(['closed', 2]);
    expect(drained?.endedAt).to.be.a('number');
    expect(happened.filter(({ type }) => type === 'action').map(({ text }) => text)).to.deep.equal([
      'a drain was begun: nothing new is read',
      'the drain is over: 2 settled meanwhile, nothing is left',
    ]);
    expect(lines).to.have.length(2);
  });

  it('is refused, when actions are not allowed', async () => {
    const { drain, reading } = await stageOf({ actions: false });
    const { status, body } = await drain();
    expect([status, body.includes('Set `actions`')]).to.deep.equal([403, true]);
    expect(await reading())
      .to.deep.include({ drain: null })
      .and.to.have.nested.property('clients[0].state', 'open');
  });

  it('is refused, while somebody works on letters', async () => {
    const { stage, drain, post, reading } = await stageOf();
    const go = new Subject<void>();
    let begun = 0;
    stage.redriven = () => (begun++, firstValueFrom(go));
    stage.accounts(() => Promise.reject(new Error('the CRM said 500')));
    stage.emulator.org.create('Account', { Name: 'a' });
    while ((await stage.deadLetters.depth()) < 1) await turn();
    await post('/api/dead-letters/accounts/redrive');
    while (begun < 1) await turn();
    const { status, body } = await drain();
    expect(status).to.equal(409);
    expect(body).to.include('works on the letters of accounts');
    go.next();
    while ((await reading()).jobs[0]?.state === 'running') await turn();
    expect((await drain()).status).to.equal(202);
  });

  it('says why it has failed, and how much is left', async () => {
    const of = async (drain: DrainWork) => {
      const page = await livePage({ status$: NEVER, state: () => CLOSED }, { port: 0, actions: true, drain });
      ends.push(() => page.close());
      const ask = ofPage(page.url);
      await ask.drain();
      while ((await ask.reading()).drain?.state === 'running') await turn();
      const { drain: drained, happened } = await ask.reading();
      return { ...drained, level: happened.at(-1)?.level };
    };
    expect(await of(() => Promise.reject(new Error('it is stuck')))).to.include({
      ...{ state: 'failed', reason: 'it is stuck', left: null, level: 'error' },
    });
    expect(await of(() => Promise.resolve({ settled: 1, unsettled: 2, uncommitted: 3 }))).to.include({
      ...{ state: 'done', settled: 1, left: 5, level: 'error' },
    });
  });

  it('is offered only where the page was told how, also where clients could be drained', async () => {
    const drain = () => Promise.resolve({ settled: 0, unsettled: 0, uncommitted: 0, subscriptions: [] });
    const offered = async (options: LivePageOptions) => {
      const client = { status$: NEVER, state: () => CLOSED, drain };
      const page = await livePage({ emea: client, amer: client }, { port: 0, actions: true, ...options });
      ends.push(() => page.close());
      const ask = ofPage(page.url);
      return [await ask.offered(), (await ask.drain()).status];
    };
    expect(await offered({})).to.deep.equal([false, 409]);
    expect(await offered({ drain })).to.deep.equal([true, 202]);
  });
});

import type { LiveReading } from '@rxforce/live-page';
import { expect } from 'chai';
import { until } from '../../../../test/support/until.js';
import { status, WebhookServer } from '../support/webhook-server.js';
import { Workplace } from '../support/workplace.js';

const CONFIG = `
salesforce: {}
topics: [Account]
processing: { replay_from: earliest }
http: { port: 0 }
`;

const OUT = 'The sink hook has taken nothing of AccountChangeEvent for \\d+ s, and its events wait\\.';

describe('The probes of rxforce run', () => {
  let place: Workplace;

  beforeEach(async () => (place = await Workplace.open()));
  afterEach(() => place.close());

  const started = async (config = CONFIG, environment: Readonly<Record<string, string>> = {}) => {
    const command = place.start(['run', place.file('config.yaml', config)], environment);
    await command.until(({ stderr }) => stderr.includes('probes and metrics are at http'));
    const url = /at (http:\S+)/.exec(command.stderr)?.[1] ?? '';
    return { command, url };
  };
  const statusOf = async (url: string) => (await fetch(url)).status;

  it('are 200, and metrics count the events, when events come', async () => {
    const { command, url } = await started();
    place.emulator.org.create('Account', { Name: 'a' });
    await command.until(({ events }) => events.length === 1);
    expect(await statusOf(`${url}/livez`)).to.equal(200);
    expect(await statusOf(`${url}/readyz`)).to.equal(200);
    expect(await statusOf(`${url}/startupz`)).to.equal(200);
    expect(await statusOf(`${url}/other`)).to.equal(404);
    const metrics = await (await fetch(`${url}/metrics`)).text();
    expect(metrics).to.match(/^messaging_client_consumed_messages_total\{.*AccountChangeEvent.*\} 1$/m);
    expect((await command.kill()).code).to.equal(0);
  });

  it('say why, when nobody can log in', async () => {
    place.emulator.faults.refuseLogins(1_000, { status: 503 });
    const { url } = await started();
    expect(await statusOf(`${url}/livez`)).to.equal(200);
    const ready = await fetch(`${url}/readyz`);
    expect(ready.status).to.equal(503);
    expect(await ready.json())
      .to.have.nested.property('reasons[0]')
      .that.includes('/data/AccountChangeEvent');
    expect(await statusOf(`${url}/startupz`)).to.equal(503);
  });

  it('say what is wrong with a login in the words of the settings, as the live page and the log do', async () => {
    const { command, url } = await started(CONFIG, { RXFORCE_LOGIN_URL: 'http://127.0.0.1:1' });
    const read = async (path: string) => (await fetch(`${url}${path}`)).text();
    await until(async () => (await read('/readyz')).includes('was refused'));
    await until(async () => (await read('/api/state')).split('was refused').length > 3);
    await command.until(({ stderr }) => stderr.includes('was refused'));
    const all = [await read('/readyz'), await read('/api/state'), command.stderr];
    all.forEach((text) => expect(text).to.include('Check login_url').and.not.include('loginUrl'));
    const { clients, subscriptions, happened } = JSON.parse(all[1] ?? '') as LiveReading;
    const texts = [clients[0]?.login?.reason, subscriptions[0]?.reason, ...happened.map(({ text }) => text)];
    expect(texts.filter((text) => text?.includes('login_url'))).to.have.length.above(2);
  });

  it('name a sink that is out for a while, for which few requests are made, and are 200 all the same', async () => {
    const server = await WebhookServer.start();
    try {
      server.answerBy(() => status(503));
      const { command, url } = await started(`
salesforce: {}
topics: [Account]
processing: { replay_from: earliest, retry_delay_seconds: 0 }
http: { port: 0 }
sinks: { hook: { type: webhook, url: "${server.url}" } }
`);
      for (let count = 0; count < 50; count++) place.emulator.org.create('Account', { Name: `${count}` });
      const sinks = async () => {
        const answer = await fetch(`${url}/readyz`);
        expect(answer.status).to.equal(200);
        return ((await answer.json()) as { readonly sinks: readonly string[] }).sinks;
      };
      await server.until(1);
      await until(async () => (await sinks()).length > 0);
      expect((await sinks())[0]).to.match(new RegExp(`^${OUT}$`));
      const live = (await (await fetch(`${url}/api/state`)).json()) as LiveReading;
      expect(live.subscriptions.map(({ heldUpBy }) => heldUpBy ?? '').join()).to.match(new RegExp(`^${OUT}$`));
      expect((await place.here(['top', '--url', url, '--once'])).stdout).to.match(new RegExp(`^${OUT}$`, 'm'));
      // In 10 s, each event at once and after about 1, 2, 4 and 8 s. At once again and again would be thousands.
      expect(server.received.length).to.be.within(51, 400);
      server.answerBy(() => status(200));
      const { length } = server.received;
      await server.until(length + 50);
      expect([await sinks(), (await command.kill()).code]).to.deep.equal([[], 0]);
      expect(server.received).to.have.length(length + 50);
    } finally {
      await server.stop();
    }
  });

  it('say that it has not started, before a topic is subscribed to whose conditions are checked first', async () => {
    place.emulator.faults.silence({ scope: 'all' });
    const topics = 'topics: [Account, { topic: Lead, where: { Company: { equals: Acme } } }]';
    const { url } = await started(CONFIG.replace('topics: [Account]', topics));
    const reasons = async () => {
      const probe = await fetch(`${url}/startupz`);
      return ((await probe.json()) as { readonly reasons: readonly string[] }).reasons.join();
    };
    const stateOf = async () => (await (await fetch(`${url}/api/state`)).json()) as LiveReading;
    await until(async () => (await stateOf()).subscriptions[0]?.topic === '/data/AccountChangeEvent');
    await until(async () => !/^It starts|logged in/.test(await reasons()));
    expect(await reasons()).to.include('/data/LeadChangeEvent is not subscribed to yet.');
    place.emulator.faults.unsilence();
    await place.emulator.faults.restartServer();
    await until(async () => (await reasons()) === '');
    expect((await stateOf()).subscriptions).to.have.length(2);
  });

  it('say that it has started, although a pipeline was over before anybody asked', async () => {
    place.file(
      'first.mjs',
      `import { take, tap } from 'rxjs';
      export default (events$) => events$.pipe(tap(() => console.log('{}')), take(1));`,
    );
    place.emulator.org.create('Lead', { Company: 'a' });
    const topics = 'topics: [Account, { topic: Lead, pipeline: ./first.mjs }]';
    const { command, url } = await started(CONFIG.replace('topics: [Account]', topics));
    await command.until(({ events }) => events.length === 1);
    const stateOf = async () => (await (await fetch(`${url}/api/state`)).json()) as LiveReading;
    await until(async () => (await stateOf()).subscriptions.length === 1);
    await until(async () => (await statusOf(`${url}/startupz`)) === 200);
  });

  it('say that it has started, although a sink cannot be written to, which the log says', async () => {
    place.file(
      'sink.mjs',
      `import { existsSync } from 'node:fs';
      const check = () => { if (!existsSync('mended')) throw new Error('the disk is full'); };
      export default () => ({ check, write: () => console.log('{}') });`,
    );
    const sinks = 'sinks: { mine: { type: module, path: ./sink.mjs } }';
    const { command, url } = await started(`${CONFIG}\n${sinks}\n`);
    place.emulator.org.create('Account', { Name: 'a' });
    // Events come all the same: a sink is tried with each of them.
    await command.until(({ events }) => events.length === 1);
    const probe = await fetch(`${url}/startupz`);
    expect(await probe.json()).to.deep.equal({ ok: true, reasons: [] });
    expect(probe.status).to.equal(200);
    expect(command.stderr).to.match(
      /the sink mine cannot be written to now, and is tried with the first event: the disk is full$/m,
    );
  });
});

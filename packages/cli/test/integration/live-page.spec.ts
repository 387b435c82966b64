import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { LiveReading } from '@rxforce/live-page';
import { expect } from 'chai';
import { TestBrowser } from '../../../../test/support/browser.js';
import { until } from '../../../../test/support/until.js';
import { status, WebhookServer } from '../support/webhook-server.js';
import { Workplace } from '../support/workplace.js';

const OWN = { 'x-rxforce': '1' };
const TOKEN = 'token-of-the-test-page';

describe('The live page of rxforce run', () => {
  let place: Workplace;

  beforeEach(async () => (place = await Workplace.open()));
  afterEach(() => place.close());

  const started = async (more = '', sink = 'sinks: { out: { type: stdout } }') => {
    const processing = 'processing: { replay_from: earliest, max_retries: 0 }';
    const config = `salesforce: {}\ntopics: [Account]\n${sink}\n${processing}\n`;
    const command = place.start(['run', place.file('config.yaml', `${config}${more}\n`)]);
    await command.until(({ stderr }) => stderr.includes('rxforce reads'));
    const url = /metrics are at (http:\S+)/.exec(command.stderr)?.[1] ?? '';
    return { command, url };
  };
  const redriven = async (url: string) => {
    const path = `${url}/api/dead-letters/AccountChangeEvent/redrive`;
    const { id } = (await (await fetch(path, { method: 'POST', headers: OWN, body: '{"all":true}' })).json()) as {
      id: number;
    };
    for (;;) {
      const job = (await stateOf(url)).jobs.find((each) => each.id === id);
      if (job?.state !== 'running') return job;
    }
  };
  const stateOf = async (url: string) => (await (await fetch(`${url}/api/state`)).json()) as LiveReading;

  it('is at / of this machine, and shows the topics, when http is there', async () => {
    const { command, url } = await started('http: { port: 0 }');
    place.emulator.org.create('Account', { Name: 'a' });
    await command.until(({ events }) => events.length === 1);
    const page = await fetch(`${url}/`);
    expect(page.headers.get('content-type')).to.include('text/html');
    for (const file of ['live.js', 'kit.js', 'preact.js', 'style.css', 'dead-letters.js']) {
      expect((await fetch(`${url}/${file}`)).status, file).to.equal(200);
    }
    const { subscriptions, queues } = await stateOf(url);
    expect(subscriptions.map(({ topic, name }) => [topic, name])).to.deep.equal([
      ['/data/AccountChangeEvent', 'default'],
    ]);
    expect(queues).to.deep.equal([{ name: 'AccountChangeEvent', depth: 0, canRedrive: true }]);
    const post = await fetch(`${url}/api/positions`, { method: 'POST', headers: OWN, body: '{}' });
    expect(post.status).to.equal(403);
    expect(command.stderr).to.include(`the live page is at ${url}/`);
    expect((await command.kill()).code).to.equal(0);
  });

  it('is not there, when it is switched off or everybody could look, and the log and the answer say why', async () => {
    for (const [more, why] of [
      ['http: { port: 0, ui: { enabled: false } }', 'http.ui.enabled is false.'],
      ['http: { port: 0, host: 0.0.0.0 }', 'everybody who reaches 0.0.0.0 could look. Set http.ui.token.'],
    ] as const) {
      const { command, url } = await started(more);
      const here = url.replace('0.0.0.0', '127.0.0.1');
      expect((await fetch(`${here}/livez`)).status).to.equal(200);
      const page = await fetch(`${here}/`);
      expect(page.status, more).to.equal(404);
      expect(await page.json()).to.deep.equal({ error: `the live page is off: ${why}` });
      expect((await place.here(['top', '--url', here])).stderr).to.include(why);
      expect(command.stderr).to.include(`the live page is off: ${why}`);
      await command.kill();
    }
  });

  it('needs a token on other addresses, while the probes need none', async () => {
    const config = `salesforce: {}\ntopics: [Account]\nhttp: { port: 0, host: 0.0.0.0, ui: { enabled: true } }\n`;
    const missing = await place.here(['check', place.file('wrong.yaml', config)]);
    expect(missing.stderr).to.include('http.ui.token: is missing. Everybody who reaches 0.0.0.0 could look');
    const { command, url } = await started(`http: { port: 0, host: 0.0.0.0, ui: { token: ${TOKEN} } }`);
    const here = url.replace('0.0.0.0', '127.0.0.1');
    expect((await fetch(`${here}/metrics`)).status).to.equal(200);
    expect((await fetch(`${here}/api/state`)).status).to.equal(401);
    const headers = { authorization: `Bearer ${TOKEN}` };
    expect((await fetch(`${here}/api/state`, { headers })).status).to.equal(200);
    expect(command.stderr).to.not.include(TOKEN);
    const refused = await place.here(['top', '--url', here]);
    expect([refused.code, refused.stderr]).to.deep.equal([2, `error: ${here} needs its token: give --token.\n`]);
    expect(await place.here(['top', '--url', here, '--token', TOKEN])).to.include({ code: 0 });
  });

  it('stops a redrive when the sink is out, says so, and leaves the letters as they were', async () => {
    const server = await WebhookServer.start(status(422), status(422));
    try {
      const sink = `sinks: { hook: { type: webhook, url: "${server.url}" } }`;
      const { command, url } = await started('http: { port: 0, ui: { actions: true } }', sink);
      place.emulator.org.create('Account', { Name: 'a' });
      place.emulator.org.create('Account', { Name: 'b' });
      await command.until(({ stderr }) => stderr.includes('put aside'));
      const letters = async () =>
        (await (await fetch(`${url}/api/dead-letters/AccountChangeEvent`)).json()) as { readonly letters: unknown[] };
      await until(async () => (await letters()).letters.length === 2);
      const before = await letters();
      server.answer(status(503, { 'retry-after': '60' }));
      const job = await redriven(url);
      expect(job).to.include({ state: 'failed', of: 2, done: 0, failed: 0 });
      expect(job?.reason).to.match(/^The sink hook is out: .*HTTP 503/);
      expect(await letters()).to.deep.equal(before);
      expect(server.received).to.have.length(3);
      expect(await redriven(url)).to.include({ state: 'done', done: 2, failed: 0 });
    } finally {
      await server.stop();
    }
  });

  it('writes a letter to its sink again, when the sink is mended', async () => {
    const out = join(place.folder, 'no-such', 'folder');
    const sink = `sinks: { out: { type: module, path: ./sink.mjs } }`;
    place.file(
      'sink.mjs',
      `import { existsSync } from 'node:fs';
       export default () => ({ write: async (events) => {
         if (!existsSync(${JSON.stringify(out)})) throw Object.assign(new Error('it is broken'), { retriable: false });
         for (const { data } of events) console.log(JSON.stringify({ data }));
       } });`,
    );
    const { command, url } = await started('http: { port: 0, ui: { actions: true } }', sink);
    place.emulator.org.create('Account', { Name: 'Abel' });
    await command.until(({ stderr }) => stderr.includes('put aside'));
    expect((await stateOf(url)).happened.filter(({ level }) => level === 'error')).to.have.nested.property(
      '[0].text',
      'An event was put aside without a retry: it is broken',
    );
    expect(await redriven(url)).to.include({ state: 'done', done: 0, failed: 1 });
    mkdirSync(out, { recursive: true });
    expect(existsSync(out)).to.equal(true);
    expect(await redriven(url)).to.include({ state: 'done', done: 1, failed: 0 });
    await command.until(({ events }) => events.length === 1);
    expect(command.events[0]?.data).to.have.property('Name', 'Abel');
    const line = 'on the live page: dead letters of AccountChangeEvent, of all: 1 were redriven';
    await command.until(({ stderr }) => stderr.includes(line));
  });

  it('drains the process, which ends when its work is over, and is not ready meanwhile', async () => {
    const go = join(place.folder, 'go');
    place.file(
      'sink.mjs',
      `import { existsSync } from 'node:fs';
       export default () => ({ write: async (events) => {
         console.log(JSON.stringify({ begun: events.length }));
         while (!existsSync(${JSON.stringify(go)})) await new Promise((resolve) => setTimeout(resolve, 10));
       } });`,
    );
    const sink = 'sinks: { out: { type: module, path: ./sink.mjs } }';
    const { command, url } = await started('http: { port: 0, ui: { actions: true } }', sink);
    place.emulator.org.create('Account', { Name: 'Abel' });
    await command.until(({ events }) => events.length === 1);
    expect((await fetch(`${url}/readyz`)).status).to.equal(200);
    const drain = await fetch(`${url}/api/drain`, { method: 'POST', headers: OWN });
    expect([drain.status, await drain.json()]).to.have.nested.property('[1].state', 'running');
    await until(async () => (await stateOf(url)).clients[0]?.state !== 'open');
    const ready = await fetch(`${url}/readyz`);
    expect([ready.status, await ready.json()]).to.deep.equal([
      503,
      { ok: false, reasons: ['The client is draining.'], sinks: [] },
    ]);
    // It is the first signal, so it ends nothing by force.
    command.signal('SIGTERM');
    await command.until(({ stderr }) => stderr.includes('waits for the work under way'));
    place.emulator.org.create('Account', { Name: 'Cain' });
    place.file('go', '');
    const { code, stderr } = await command.ended;
    expect(code).to.equal(0);
    expect(stderr).to.include('on the live page: a drain was begun').and.include('everything that came is done');
    expect(command.events).to.have.length(1);
  });

  it('tells people that the process was killed, and goes on with the next one', async () => {
    const browser = await TestBrowser.open();
    try {
      const { command, url } = await started('http: { port: 0 }');
      const { page } = await browser.look(`${url}/`);
      const row = page.getByRole('row').filter({ hasText: '/data/AccountChangeEvent' });
      await row.waitFor();
      await command.kill('SIGKILL');
      await page.getByRole('alert').getByText('The process has not answered since').waitFor();
      expect(await row.count()).to.equal(1);
      const again = await started(`http: { port: ${new URL(url).port} }`);
      await page.locator('.banner').waitFor({ state: 'detached' });
      place.emulator.org.create('Account', { Name: 'a' });
      await again.command.until(({ events }) => events.length === 1);
      await row.getByText('live', { exact: true }).waitFor();
    } finally {
      await browser.close();
    }
  });

  it('shows how far records are read before their changes', async () => {
    for (let n = 0; n < 3; n++) place.emulator.org.create('Account', { Name: `n${n}` });
    const topics = 'topics: [{ topic: Account, snapshot: true }]';
    const config = `salesforce: {}\n${topics}\nprocessing: { replay_from: earliest }\nhttp: { port: 0 }\n`;
    const command = place.start(['run', place.file('config.yaml', config)]);
    await command.until(({ events }) => events.length >= 3);
    const url = /metrics are at (http:\S+)/.exec(command.stderr)?.[1] ?? '';
    await until(async () => (await stateOf(url)).snapshots[0]?.phase === 'done');
    expect((await stateOf(url)).snapshots[0]).to.include({ entity: 'Account', rows: 3 });
  });

  describe('rxforce top', () => {
    it('shows a running process once, as a table and as JSON', async () => {
      const { url } = await started('http: { port: 0 }');
      const { code, stdout } = await place.here(['top', '--url', url, '--once']);
      expect(code).to.equal(0);
      expect(stdout)
        .to.match(/^TOPIC +NAME +STATE/m)
        .and.match(/^\/data\/AccountChangeEvent +default +\w+/m);
      const json = JSON.parse((await place.here(['top', '--url', url, '--once', '--json'])).stdout) as LiveReading;
      expect(json.subscriptions.map(({ topic }) => topic)).to.deep.equal(['/data/AccountChangeEvent']);
    });

    it('asks the process of the configuration again and again, and ends at a signal', async () => {
      const { url } = await started('http: { port: 0 }');
      const config = `salesforce: {}\ntopics: [Account]\nhttp: { port: ${new URL(url).port} }\n`;
      const command = place.start(['top', '--json', '--config', place.file('top.yaml', config)]);
      await command.until(({ stdout }) => stdout.split('\n').length > 2);
      expect((await command.kill()).code).to.equal(0);
      const lines = command.stdout.trim().split('\n');
      expect(lines.map((line) => (JSON.parse(line) as LiveReading).subscriptions.length)).to.include(1);
    });

    it('needs no variables of a login to know whom to ask', async () => {
      const { url } = await started('http: { port: 0 }');
      const config = `salesforce: { client_id: '\${NOT_SET}' }\ntopics: []\nhttp: { port: ${new URL(url).port} }\n`;
      const { code, stdout, stderr } = await place.here(['top', '--once', '--config', place.file('top.yaml', config)]);
      expect(code, stderr).to.equal(0);
      expect(stdout).to.match(/^\/data\/AccountChangeEvent/m);
      const wrong = await place.here(['top', '--config', place.file('wrong.yaml', 'http: { port: many }\n')]);
      expect(wrong.code).to.equal(2);
      expect(wrong.stderr).to.match(/^wrong\.yaml:1:15 http\.port: |wrong\.yaml:1:15 http\.port/m);
    });

    it('says that a token is wrong, when it is given another one', async () => {
      const { url } = await started(`http: { port: 0, ui: { token: ${TOKEN} } }`);
      const other = await place.here(['top', '--url', url, '--token', 'no']);
      expect([other.code, other.stderr]).to.deep.equal([
        2,
        `error: ${url} has another token than the one that was given.\n`,
      ]);
    });

    it('says what to do, when nobody answers or it is somebody else', async () => {
      const gone = await place.here(['top', '--url', 'http://127.0.0.1:1']);
      expect([gone.code, gone.stderr]).to.deep.equal([1, 'error: http://127.0.0.1:1 does not answer.\n']);
      const other = await place.here(['top', '--url', place.emulator.httpUrl]);
      expect(other.code).to.equal(2);
      expect(other.stderr).to.include('has no live page (404');
      expect((await place.here(['top', '--url', 'here'])).stderr).to.include('is no URL');
      const config = place.file('none.yaml', 'salesforce: {}\ntopics: [Account]\n');
      expect((await place.here(['top', '--config', config])).stderr).to.include('has no http');
    });
  });
});

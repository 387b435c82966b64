import { clientCredentials, createClient } from '@rxforce/core';
import { expect } from 'chai';
import { TestBrowser } from '../../../../test/support/browser.js';
import { startEmulator, type Emulator } from '../../src/index.js';
import { Command } from '../support/command.js';

const OWN = { 'x-rxforce': '1' };

describe("The emulator's page", function () {
  this.timeout(120_000);
  let emulator: Emulator;

  beforeEach(async () => (emulator = await startEmulator({ seed: 1, tls: false, ui: true })));
  afterEach(() => emulator.stop());

  const url = () => emulator.uiUrl ?? '';
  const post = (path: string, body: unknown, headers: Record<string, string> = OWN) =>
    fetch(url() + path, { method: 'POST', headers, body: JSON.stringify(body) });
  const typesOf = (topic: string) => emulator.log(topic).length;

  it('is served only where it is asked for, and says its address', async () => {
    const plain = await startEmulator({ tls: false });
    expect(plain.uiUrl).to.equal(undefined);
    await plain.stop();
    const command = new Command('--plaintext', '--ui');
    const { uiUrl } = (await command.ready) as unknown as { uiUrl: string };
    expect(uiUrl).to.match(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect((await fetch(uiUrl)).headers.get('content-type')).to.include('text/html');
    command.child.kill('SIGTERM');
    expect((await command.ended).code).to.equal(0);
  });

  it('gives its port free, when the emulator stops', async () => {
    await emulator.stop();
    const again = await startEmulator({ tls: false, ui: true, uiPort: Number(new URL(url()).port) });
    expect(again.uiUrl).to.equal(url());
    await again.stop();
  });

  it('changes nothing for a page of another origin', async () => {
    const before = emulator.org.records('Account').length;
    const body = { action: 'create', values: { Name: 'a' } };
    expect((await post('/api/records/Account', body, {})).status).to.equal(403);
    expect((await post('/api/records/Account', body, { ...OWN, origin: 'https://evil.example' })).status).to.equal(403);
    expect((await post('/api/faults/resetOrg', {}, {})).status).to.equal(403);
    expect(emulator.org.records('Account')).to.have.length(before);
  });

  it('changes records, each as a transaction with its event, also as gaps', async () => {
    const change = async (body: object) => {
      const answer = await post('/api/records/Account', body);
      return { status: answer.status, body: (await answer.json()) as { result: string; error: string } };
    };
    const { body } = await change({ action: 'create', values: { Name: 'Abel' } });
    const id = body.result;
    expect(emulator.org.record('Account', id)).to.include({ Name: 'Abel' });
    await change({ action: 'update', id, values: { Name: 'Kain' } });
    await change({ action: 'delete', id });
    const list = (await (await fetch(`${url()}/api/records/Account`)).json()) as { deleted: string[] };
    expect(list.deleted).to.deep.equal([id]);
    await change({ action: 'undelete', id, asGaps: true });
    expect(emulator.org.record('Account', id)).to.include({ Name: 'Kain' });
    expect(typesOf('/data/AccountChangeEvent')).to.equal(4);
    const wrong = await change({ action: 'update', id, values: { Nmae: 'x' } });
    expect(wrong.status).to.equal(400);
    expect(wrong.body.error).to.include('Nmae');
    expect((await change({ action: 'explode' })).status).to.equal(400);
    expect((await post('/api/records/Nothing', { action: 'create' })).status).to.equal(400);
  });

  it('causes faults by the commands that there are, and says what is wrong with their options', async () => {
    const faults = (await (await fetch(`${url()}/api/faults`)).json()) as { name: string; options: string[] }[];
    expect(faults.find(({ name }) => name === 'failStreams')?.options).to.deep.equal([
      'status',
      'errorCode',
      'details',
      'topic',
      'method',
    ]);
    expect(faults.find(({ name }) => name === 'refuseLogins')?.options).to.deep.equal(['times', 'error']);
    expect(faults.find(({ name }) => name === 'goAway')?.options).to.deep.equal([]);
    expect(await (await post('/api/faults/logins', {})).json()).to.deep.equal({ result: 0 });
    const wrong = await post('/api/faults/slow', { responseDelayMs: 'long' });
    expect(wrong.status).to.equal(400);
    expect(((await wrong.json()) as { error: string }).error).to.include('responseDelayMs');
    expect((await post('/api/faults/nothing', {})).status).to.equal(404);
  });

  it('makes a load of the wanted size, and none again', async () => {
    expect((await post('/api/load', { eventsPerSecond: -1 })).status).to.equal(400);
    await post('/api/load', { eventsPerSecond: 2_000 });
    while (emulator.org.records('Account').length === 0) await new Promise((resolve) => setImmediate(resolve));
    const stopped = (await (await post('/api/load', { eventsPerSecond: 0 })).json()) as { made: number };
    expect(stopped.made).to.be.above(0);
  });

  it('shows a load that the program has begun, and ends it in favour of one of its own', async () => {
    const load = emulator.startLoad({ eventsPerSecond: 300 });
    const browser = await TestBrowser.open();
    try {
      const { page } = await browser.look(url());
      await page.getByRole('tab', { name: 'Load' }).click();
      await page.getByText('300 events a second are made.').waitFor();
      expect(await page.getByRole('slider').inputValue()).to.equal('300');
      await page.getByRole('slider').fill('200');
      await page.getByText('200 events a second are made.').waitFor();
      await load.done;
      await page.getByRole('button', { name: 'Stop' }).click();
      await page.getByText('No load.').waitFor();
    } finally {
      await browser.close();
    }
  });

  it('shows schemas', async () => {
    const [object] = emulator.org.entities();
    const schema = await fetch(`${url()}/api/schemas/${object?.schemaId ?? ''}`);
    expect(await schema.json()).to.have.property('type', 'record');
    expect((await fetch(`${url()}/api/schemas/none`)).status).to.equal(404);
  });

  it('lets people see and break the org in Chromium', async () => {
    const browser = await TestBrowser.open();
    const { credentials, httpUrl: loginUrl, grpcEndpoint: endpoint } = emulator;
    const { clientId, clientSecret } = credentials;
    const auth = clientCredentials({ clientId, clientSecret, loginUrl });
    const client = createClient({ auth, endpoint, insecure: true, logger: { warn: () => undefined } });
    const running = client.changes('Account', { window: 40 }).subscribe({ error: () => undefined });
    try {
      const { page, complaints, foreign } = await browser.look(url());
      await page.getByRole('combobox', { name: 'Object' }).selectOption('Account');
      await page.getByRole('textbox', { name: 'New record' }).fill('{ "Name": "<b>Abel</b>" }');
      await page.getByRole('button', { name: 'Create' }).click();
      await page.getByRole('row').getByText('<b>Abel</b>', { exact: true }).waitFor();
      await page.getByRole('button', { name: 'Delete' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
      await page.getByText('There are no records.').waitFor();
      await page.getByRole('button', { name: 'Undelete' }).click();
      await page.getByRole('row').getByText('<b>Abel</b>', { exact: true }).waitFor();
      await page.getByRole('tab', { name: 'Streams' }).click();
      const row = page.getByRole('row').filter({ hasText: '/data/AccountChangeEvent' });
      await row.waitFor();
      emulator.keepalive();
      await row.getByRole('cell', { name: '1', exact: true }).waitFor();
      await page.getByRole('tab', { name: 'Faults' }).click();
      await page.getByRole('searchbox').fill('dropStreams');
      await page.getByRole('textbox', { name: 'topic' }).fill('/data/AccountChangeEvent');
      await page.getByRole('button', { name: 'dropStreams' }).click();
      await page.getByText('Done: 1').waitFor();
      await page.getByRole('tab', { name: 'Load' }).click();
      await page.getByRole('slider').fill('200');
      await page.getByText('200 events a second are made.').waitFor();
      await page.getByRole('button', { name: 'Stop' }).click();
      await page.getByText('No load.').waitFor();
      expect(complaints).to.deep.equal([]);
      expect(foreign).to.deep.equal([]);
    } finally {
      running.unsubscribe();
      client.close();
      await browser.close();
    }
  });
});

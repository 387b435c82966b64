import { createHmac } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import {
  halfABody,
  halfAnAnswer,
  silence,
  status,
  WebhookServer,
  type Answer,
  type Received,
} from '../support/webhook-server.js';
import { Workplace } from '../support/workplace.js';

const SECRET = `whsec_${Buffer.from('a key that nobody knows').toString('base64')}`;

const configOf = (url: string, more = '') => `
salesforce: {}
topics: [Account]
processing: { replay_from: earliest, commit_interval_ms: 0, retry_delay_seconds: 0 }
sinks: { hook: { type: webhook, url: "${url}", secret: "\${HOOK_SECRET}"${more} } }
`;

describe('The sink webhook', () => {
  let place: Workplace;
  let server: WebhookServer;

  beforeEach(async () => {
    place = await Workplace.open();
    server = await WebhookServer.start();
  });
  afterEach(async () => {
    await place.close();
    await server.stop();
  });

  const run = (more?: string, maxRetries = 3) => {
    const config = configOf(server.url, more).replace('{ replay', `{ max_retries: ${maxRetries}, replay`);
    return place.start(['run', place.file('config.yaml', config), '--debug'], { HOOK_SECRET: SECRET });
  };
  const namesOf = (requests: readonly Received[]) =>
    requests.map(({ body }) => (JSON.parse(body) as { data: { Name: unknown } }).data.Name);
  const letters = () => {
    const folder = join(place.folder, 'failed_events/AccountChangeEvent');
    return readdirSync(folder)
      .map((name) => readFileSync(join(folder, name), 'utf8'))
      .join('');
  };

  it('posts an event, signed so that the other side can tell', async () => {
    place.emulator.org.create('Account', { Name: 'a' });
    const command = run();
    await server.until(1);
    expect((await command.kill()).code).to.equal(0);
    const { headers, body } = server.received[0]!;
    const signed = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${body}`;
    const expected = createHmac('sha256', 'a key that nobody knows').update(signed).digest('base64');
    expect(headers['webhook-signature']).to.equal(`v1,${expected}`);
    expect(headers['content-type']).to.equal('application/json; charset=utf-8');
    expect(JSON.parse(body)).to.have.keys('id', 'topic', 'replayId', 'header', 'data');
  });

  it('posts the content type that is asked for, however its name is written', async () => {
    place.emulator.org.create('Account', { Name: 'a' });
    const command = run(', headers: { Content-Type: application/vnd.acme+json }');
    await server.until(1);
    await command.kill();
    expect(server.received[0]?.headers).to.include({ 'content-type': 'application/vnd.acme+json' });
  });

  it('posts batches of CloudEvents, when it is told to', async () => {
    const id = place.emulator.org.create('Account', { Name: 'a' });
    place.emulator.org.update('Account', id, { Name: 'b' });
    const command = run(', format: cloudevents, batch: { size: 2, wait_ms: 60000 }, headers: { x-team: blue-team }');
    await server.until(1);
    await command.kill();
    const { headers, body } = server.received[0]!;
    expect(headers).to.include({
      'content-type': 'application/cloudevents-batch+json; charset=utf-8',
      'x-team': 'blue-team',
    });
    const events = JSON.parse(body) as Record<string, unknown>[];
    expect(events.map(({ type }) => type)).to.deep.equal([
      'com.salesforce.change.Account.CREATE',
      'com.salesforce.change.Account.UPDATE',
    ]);
    expect(events[0]).to.include({ specversion: '1.0', subject: id, source: place.emulator.credentials.instanceUrl });
  });

  const passing: readonly (readonly [string, Answer])[] = [
    ['answers with 500', status(500)],
    ['does not take the login', status(401)],
    ['is elsewhere', status(307, { location: '/' })],
    ['answers with 429', status(429, { 'retry-after': '0' })],
    ['ends the connection within the headers', halfAnAnswer],
    ['does not answer in time', silence],
  ];
  for (const [condition, answer] of passing) {
    it(`posts the same message again, when the other side ${condition}`, async () => {
      server.answer(answer);
      place.emulator.org.create('Account', { Name: 'a' });
      const command = run(', timeout_ms: 500');
      await server.until(2);
      await command.until(({ stderr }) => stderr.includes(': committed'));
      const { code, stderr } = await command.kill();
      expect(code).to.equal(0);
      const [first, second] = server.received.map(({ headers, body }) => [headers['webhook-id'], body]);
      expect(second).to.deep.equal(first);
      expect(stderr).to.include('waits until the sink hook takes events again: http://127.0.0.1:');
      for (const secret of [SECRET, 'in-the-url']) expect(stderr).not.to.include(secret);
    });
  }

  it('waits as long as Retry-After asks for', async () => {
    server.answer(status(503, { 'retry-after': '1' }));
    place.emulator.org.create('Account', { Name: 'a' });
    const command = run();
    await server.until(2);
    await command.kill();
    const [first, second] = server.received.map(({ at }) => at);
    // The clock of a timer may be a little ahead of ours.
    expect((second ?? 0) - (first ?? 0)).to.be.at.least(990);
  });

  it('ends in time while it waits for the other side, and has all events after a restart', async () => {
    server.answerBy(() => status(503, { 'retry-after': '3000' }));
    for (const name of ['a', 'b', 'c']) place.emulator.org.create('Account', { Name: name });
    const path = place.file('config.yaml', configOf(server.url));
    const start = () => place.start(['run', path, '--drain-timeout', '500ms'], { HOOK_SECRET: SECRET });
    const away = start();
    await server.until(3);
    const { code, stderr } = await away.kill();
    expect([code, stderr], stderr).to.have.property('0', 1);
    expect(stderr).to.include(
      '0 events written, 0 put aside): 3 events were not done, and 0 not committed. They come again.',
    );
    server.answerBy(() => status(200));
    const back = start();
    await server.until(6);
    expect((await back.kill()).code).to.equal(0);
    expect(namesOf(server.received.slice(3))).to.have.members(['a', 'b', 'c']);
  });

  it('takes an answer of 200 for success, even if its body is cut off', async () => {
    server.answer(halfABody);
    place.emulator.org.create('Account', { Name: 'a' });
    const command = run();
    await command.until(({ stderr }) => stderr.includes(': committed'));
    await command.kill();
    expect(server.received).to.have.length(1);
  });

  it('puts an event aside at once that the other side refuses, and goes on', async () => {
    // Both are on their way at once.
    server.answerBy((request) => status(namesOf([request])[0] === 'refused' ? 422 : 200));
    place.emulator.org.create('Account', { Name: 'refused' });
    place.emulator.org.create('Account', { Name: 'next' });
    const command = run();
    await server.until(2);
    await command.until(({ stderr }) => stderr.includes('put aside without a retry: http://127.0.0.1:'));
    await command.kill();
    expect(namesOf(server.received)).to.have.members(['refused', 'next']);
    expect(letters()).to.include('refused').and.include('HTTP 422').and.not.include('in-the-url');
  });

  const broken: readonly (readonly [string, Answer])[] = [
    ['answers with 500', status(500)],
    ['is a proxy that answers with 502', status(502)],
    ['ends the connection', (response) => response.socket?.destroy()],
    ['does not answer in time', silence],
  ];
  for (const [condition, answer] of broken) {
    // Only what waits in vain: an answer may take its time.
    const limit = answer === silence ? ', timeout_ms: 1000' : '';
    it(`keeps all events and their order, and puts none aside, while the other side ${condition}`, async () => {
      server.answerBy(() => answer);
      const id = place.emulator.org.create('Account', { Name: 'a' });
      place.emulator.org.update('Account', id, { Name: 'b' });
      place.emulator.org.create('Account', { Name: 'c' });
      // An attempt that began before the other side was back may end after another one got through: that uses a retry.
      const command = run(limit, answer === silence ? 1 : 0);
      await server.until(3);
      const { length } = server.received;
      server.answerBy(() => status(200));
      await server.until(length + 3);
      const { code, stderr } = await command.kill();
      const later = namesOf(server.received.slice(length));
      expect(later).to.have.members(['a', 'b', 'c']);
      expect(later.indexOf('a')).to.be.below(later.indexOf('b'));
      expect([code, stderr.includes(': put aside')]).to.deep.equal([0, false]);
    });

    it(`puts the one event aside for which the other side ${condition}, while it takes others`, async () => {
      answerPoison(answer);
      place.emulator.org.create('Account', { Name: 'poison' });
      const command = run(limit);
      await command.until(({ stderr }) => stderr.includes(': put aside'));
      place.emulator.org.create('Account', { Name: 'last' });
      while (!namesOf(server.received).includes('last')) await server.until(server.received.length + 1);
      const { stderr } = await command.kill();
      expect(stderr.split(': put aside')).to.have.length(2);
      expect(letters())
        .to.include('poison')
        .and.not.match(/"(good|last)"/);
    });
  }

  /** Whenever the event comes that is answered so, there is another one, which is taken. */
  function answerPoison(answer: Answer): void {
    server.answerBy((request) => {
      if (namesOf([request])[0] !== 'poison') return status(200);
      place.emulator.org.create('Account', { Name: 'good' });
      return answer;
    });
  }

  it('keeps an event that fails alone, and puts it aside once others get through', async () => {
    server.answerBy(() => status(500));
    place.emulator.org.create('Account', { Name: 'poison' });
    const command = run('', 0);
    await server.until(2);
    expect(command.stderr).not.to.include(': put aside');
    answerPoison(status(500));
    await command.until(({ stderr }) => stderr.includes(': put aside'));
    await command.kill();
    expect(letters()).to.include('poison').and.include('HTTP 500');
  });

  it('is checked by a connection, over which nothing is sent', async () => {
    const path = place.file('config.yaml', configOf(server.url));
    const check = () => place.here(['check', path, '--connect'], { HOOK_SECRET: SECRET });
    const there = await check();
    expect(there.code, there.stdout).to.equal(0);
    expect(there.stdout).to.match(/^✓ +sink hook +webhook: somebody listens there; nothing was sent$/m);
    expect(server.received).to.have.length(0);
    const { origin } = new URL(server.url);
    place.file('config.yaml', configOf('http://127.0.0.1:1/hooks?token=in-the-url'));
    const away = await check();
    expect(away.code).to.equal(4);
    expect(away.stdout).to.match(/^✗ +sink hook +http:\/\/127\.0\.0\.1:1 cannot be reached: ECONNREFUSED\.$/m);
    place.file('config.yaml', configOf(origin.replace('http:', 'https:')));
    expect((await check()).stdout).to.match(/^✗ +sink hook +https:.* cannot be reached: /m);
  });

  it('is a warning of a run, when nobody listens yet, and gets the events later, in their order and without letters', async () => {
    const { url } = server;
    await server.stop();
    const id = place.emulator.org.create('Account', { Name: 'a' });
    place.emulator.org.update('Account', id, { Name: 'b' });
    const config = configOf(url).replace('retry_delay_seconds: 0', 'retry_delay_seconds: 0, max_retries: 0');
    const command = place.start(['run', place.file('config.yaml', config), '--debug'], { HOOK_SECRET: SECRET });
    await command.until(({ stderr }) => stderr.split('waits until the sink hook takes events again').length > 3);
    expect(command.stderr).to.include('the sink hook cannot be written to now, and is tried with the first event');
    server = await WebhookServer.startAt(Number(new URL(url).port), status(503), status(200));
    await server.until(3);
    expect((await command.kill()).code).to.equal(0);
    expect([namesOf(server.received), command.stderr.includes(': put aside')]).to.deep.equal([['a', 'a', 'b'], false]);
  });

  it('is said to be out once, and to be back once, where several topics share it', async () => {
    server.answerBy(() => status(503));
    const topics = ['Account', 'Lead', 'Contact'];
    const config = configOf(server.url).replace('[Account]', `[${topics.join(', ')}]`);
    const command = place.start(['run', place.file('config.yaml', config)], { HOOK_SECRET: SECRET });
    for (const topic of topics) place.emulator.org.create(topic, { Phone: '1' });
    await server.until(5);
    server.answerBy(() => status(200));
    await command.until(({ stderr }) => stderr.includes(' takes events again, after '));
    const { code, stderr } = await command.kill();
    expect(code, stderr).to.equal(0);
    const lines = stderr.split('\n').filter((line) => / takes events again|the sink hook|is written/.test(line));
    expect(lines, stderr).to.have.length(2);
    expect(lines[0]).to.match(
      /ChangeEvent: waits until the sink hook takes events again: \S+ answered with HTTP 503\.$/,
    );
    expect(lines[1]).to.match(/ the sink hook takes events again, after \d+ s\. Meanwhile \d+ attempts failed$/);
    expect(stderr).to.include('(3 events written, 0 put aside)');
  });
});

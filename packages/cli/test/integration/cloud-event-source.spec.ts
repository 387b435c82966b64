import { expect } from 'chai';
import { startRedis, type RedisServer } from '../../../replay-redis/test/support/redis-server.js';
import { parseConfiguration } from '../../src/config/configuration.js';
import { openOrg } from '../../src/runtime/open-org.js';
import { status, WebhookServer } from '../support/webhook-server.js';
import { Workplace } from '../support/workplace.js';

const logger = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

describe('The source of CloudEvents', () => {
  let place: Workplace;

  beforeEach(async () => (place = await Workplace.open()));
  afterEach(() => place.close());

  /** The login is at another URL than the org. */
  const salesforce = (secret = place.emulator.credentials.clientSecret) => {
    const { credentials, httpUrl } = place.emulator;
    const url = httpUrl.replace('//localhost:', '//127.0.0.1:');
    expect(url).not.to.equal(credentials.instanceUrl);
    const client = `client_id: ${credentials.clientId}, client_secret: ${secret}`;
    return `salesforce: { login: client_credentials, login_url: "${url}", ${client} }`;
  };

  describe('in roles that read no stream', () => {
    let redis: RedisServer;
    let server: WebhookServer;

    beforeEach(async () => {
      redis = await startRedis();
      server = await WebhookServer.start(status(422));
    });
    afterEach(async () => {
      await server.stop();
      await redis.stop();
    });

    it("is the org's URL, of a worker and of dlq redrive", async () => {
      const path = place.file(
        'config.yaml',
        `${salesforce()}
topics: [Account]
processing: { replay_from: earliest, commit_interval_ms: 20, max_concurrent_events: 1 }
redis: { url: "redis://127.0.0.1:${redis.port}", lease: true, log: { partitions: 1 } }
sinks: { hook: { type: webhook, url: "${server.url}", format: cloudevents } }
`,
      );
      const environment = { RXFORCE_LOGIN_URL: '' };
      for (const Name of ['a', 'b']) place.emulator.org.create('Account', { Name });
      const [reader, worker] = ['reader', 'worker'].map((role) =>
        place.start(['run', path, '--role', role], environment),
      );
      await server.until(2);
      await reader?.kill();
      await worker?.kill();
      const { stderr } = await place.here(['dlq', 'redrive', '-c', path], environment);
      expect(stderr).to.include('1 letter was written, 0 failed again.');
      const sources = server.received.map(({ body }) => (JSON.parse(body) as { source: string }).source);
      const { instanceUrl } = place.emulator.credentials;
      expect(sources).to.deep.equal([instanceUrl, instanceUrl, instanceUrl]);
    });

    it('ends a worker with 3 at its start, when the login is refused', async () => {
      const path = place.file(
        'config.yaml',
        `${salesforce('wrong')}
topics: [Account]
redis: { url: "redis://127.0.0.1:${redis.port}", lease: true, log: { partitions: 1 } }
sinks: { hook: { type: webhook, url: "${server.url}", format: cloudevents } }
`,
      );
      const { code, stderr } = await place.start(['run', path, '--role', 'worker'], { RXFORCE_LOGIN_URL: '' }).ended;
      expect(code, stderr).to.equal(3);
      expect(server.received).to.have.length(0);
    });
  });

  const openIt = () => {
    const loaded = parseConfiguration(`${salesforce()}\ntopics: [Account]\n`, { file: 'c.yaml', environment: {} });
    if (loaded.err) throw new Error(JSON.stringify(loaded.val));
    return openOrg(loaded.val.configuration, { logger, logLevel: 'warn' });
  };

  it('needs no login beside that of the client, nor does the id of the org', async () => {
    const { client, source, organizationId } = openIt();
    await source();
    place.emulator.faults.refuseLogins(10);
    expect(await organizationId()).to.equal(place.emulator.credentials.organizationId.slice(0, 15));
    expect(await client.fetch('/services/data/v64.0/limits')).to.include({ ok: true });
    client.close();
  });

  it('is asked for once, by all who want it at the same time, and again after a failure', async () => {
    const { client, source } = openIt();
    place.emulator.faults.refuseLogins(1);
    const first = await Promise.allSettled([source(), source(), source()]);
    expect(first.map((each) => each.status)).to.deep.equal(['rejected', 'rejected', 'rejected']);
    expect(await source()).to.equal(place.emulator.credentials.instanceUrl);
    place.emulator.faults.refuseLogins(1);
    expect(await source()).to.equal(place.emulator.credentials.instanceUrl);
    client.close();
  });
});

import { expect } from 'chai';
import { startRedis, type RedisServer } from '../../../replay-redis/test/support/redis-server.js';
import { status, WebhookServer } from '../support/webhook-server.js';
import { Workplace } from '../support/workplace.js';

const PASSWORD = 'secret-of-redis-1';

describe('rxforce with redis', function () {
  this.timeout(90_000);
  let redis: RedisServer;
  let place: Workplace;

  before(async () => (redis = await startRedis({ password: PASSWORD })));
  after(() => redis.stop());
  beforeEach(async () => {
    const client = redis.client();
    await client.flushall();
    client.disconnect();
    place = await Workplace.open();
  });
  afterEach(() => place.close());

  const config = (more = '') =>
    place.file(
      'config.yaml',
      `
salesforce: {}
topics: [Account]
processing: { replay_from: earliest, commit_interval_ms: 0 }
redis: { url: "redis://:\${REDIS_PASSWORD}@127.0.0.1:${redis.port}/0", lease: true }
${more}`,
    );
  const environment = { REDIS_PASSWORD: PASSWORD };

  it('keeps dead letters there, which dlq finds and redrives', async () => {
    const server = await WebhookServer.start(status(422));
    try {
      const path = config(`sinks: { hook: { type: webhook, url: "${server.url}" } }`);
      place.emulator.org.create('Account', { Name: 'a' });
      const command = place.start(['run', path], environment);
      await command.until(({ stderr }) => stderr.includes('put aside without a retry'));
      await command.kill();
      const redriven = await place.here(['dlq', 'redrive', '-c', path], environment);
      expect(redriven.stderr).to.include('1 letter was written, 0 failed again.');
      expect(server.received).to.have.length(2);
    } finally {
      await server.stop();
    }
  });

  it('ends with 1 and says why, when positions or letters are asked for while it is away: at once, but for redrive', async () => {
    const path = config();
    const away = { ...environment, RXFORCE_REDIS__URL: 'redis://127.0.0.1:1' };
    const refused = (why = '') => `error: .+ on Redis failed: ${why}connect ECONNREFUSED 127\\.0\\.0\\.1:1\\.\n`;
    // The letters of other topics are tried all the same.
    const redriven = `${refused('There was no connection within 5000 ms: ')}0 letters were written, 0 failed again\\.\n`;
    const commands = [
      { args: ['positions', 'list'], says: refused() },
      { args: ['positions', 'set', '--topic', 'Account', '--to', 'earliest'], says: refused() },
      { args: ['dlq', 'list'], says: refused() },
      { args: ['dlq', 'redrive'], says: `AccountChangeEvent: ${redriven}` },
    ];
    await Promise.all(
      commands.map(async ({ args, says }) => {
        const { code, stdout, stderr } = await place.here([...args, '-c', path], away);
        expect({ code, stdout }, args.join(' ')).to.deep.equal({ code: 1, stdout: '' });
        expect(stderr).to.match(new RegExp(`^${says}$`));
      }),
    );
  });

  describe('check --connect says what is wrong, and ends,', () => {
    const sink = (url: string) => `
salesforce: {}
topics: [Account]
sinks: { out: { type: redis-stream, url: "${url}", stream: events, timeout_ms: 2000 } }
`;
    const cases: readonly (readonly [when: string, text: () => string, found: RegExp])[] = [
      [
        'when the password of a sink is wrong',
        () => sink(`redis://:wrong@127.0.0.1:${redis.port}`),
        /sink out .*WRONGPASS/,
      ],
      ['when the Redis of a sink is away', () => sink('redis://127.0.0.1:1'), /sink out .*ECONNREFUSED/],
      [
        'when the Redis of positions is away',
        () => 'salesforce: {}\ntopics: [Account]\nredis: { url: "redis://127.0.0.1:1" }\n',
        /positions .*(ECONNREFUSED|answer)/,
      ],
    ];
    for (const [when, text, found] of cases) {
      it(when, async () => {
        const command = place.start(['check', place.file('config.yaml', text()), '--connect']);
        const { code, stdout } = await command.ended;
        expect(code).to.equal(4);
        expect(stdout).to.match(new RegExp(`^✗ +${found.source}`, 'm'));
      });
    }
  });
});

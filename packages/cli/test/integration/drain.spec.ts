import { expect } from 'chai';
import { until } from '../../../../test/support/until.js';
import { status, WebhookServer, type Answer, type Received } from '../support/webhook-server.js';
import { Workplace } from '../support/workplace.js';

const AN_HOUR: Answer = status(503, { 'retry-after': '3600' });
/** Far longer than the tests may take: whoever waits so long fails. */
const DRAIN = ['--drain-timeout', '10m'];

describe('A signal to rxforce run, while a sink is out', () => {
  let place: Workplace;
  let server: WebhookServer;
  let path: string;

  beforeEach(async () => {
    place = await Workplace.open();
    server = await WebhookServer.start();
    path = place.file(
      'config.yaml',
      `
salesforce: {}
topics: [Account, Lead]
processing: { replay_from: earliest, retry_delay_seconds: 0 }
sinks: { hook: { type: webhook, url: "${server.url}", timeout_ms: 600000 } }
`,
    );
  });
  afterEach(async () => {
    await place.close();
    await server.stop();
  });

  const nameOf = ({ body }: Received) => (JSON.parse(body) as { data: { Name: string } }).data.Name;
  const create = (...names: readonly string[]) =>
    names.forEach((Name) => place.emulator.org.create('Account', { Name }));
  const start = () => place.start(['run', path, ...DRAIN]);

  it('ends it at once, with 1 and a line that says why, when each event waits for longer than the drain', async () => {
    server.answerBy(() => AN_HOUR);
    create('a', 'b', 'c');
    const command = start();
    await server.until(3);
    const { code, stderr } = await command.kill();
    expect([code, stderr], stderr).to.have.property('0', 1);
    expect(stderr).to.match(
      / WARNING .*ends now: what is left waits for the sink hook, and is tried next after the drain would be over$/m,
    );
    expect(stderr).to.include('0 events written, 0 put aside): 3 events were not done, and 0 not committed.');
    server.answerBy(() => status(200));
    const back = start();
    await server.until(6);
    expect((await back.kill()).code).to.equal(0);
    expect(server.received.slice(3).map(nameOf).sort()).to.deep.equal(['a', 'b', 'c']);
  });

  it('ends it once what came before the events that wait is committed', async () => {
    server.answerBy((request) => (nameOf(request) === 'b' ? AN_HOUR : status(200)));
    create('a', 'b');
    const command = start();
    await server.until(2);
    expect((await command.kill()).stderr).to.include('1 event written, 0 put aside): 1 event was not done, and 0 not');
    server.answerBy(() => status(200));
    const back = start();
    await server.until(3);
    expect((await back.kill()).code).to.equal(0);
    expect(server.received.map(nameOf).slice(2)).to.deep.equal(['b']);
  });

  it('waits for what may still be done, also of another topic, and then ends it', async () => {
    let answer: (() => void) | undefined;
    const late: Answer = (response) => (answer = () => response.writeHead(200).end());
    server.answerBy((request) => (nameOf(request) === 'a' ? AN_HOUR : late));
    create('a');
    place.emulator.org.create('Lead', { Company: 'c' });
    const command = start();
    await server.until(2);
    await until(() => Promise.resolve(answer !== undefined));
    command.signal('SIGTERM');
    await command.until(({ stderr }) => stderr.includes('ends: waits for the work under way'));
    answer?.();
    const { code, stderr } = await command.ended;
    expect(code, stderr).to.equal(1);
    expect(stderr).to.include('1 event written, 0 put aside): 1 event was not done');
    expect(stderr.indexOf('ends: waits')).to.be.lessThan(stderr.indexOf('ends now'));
  });

  it('waits for events that a pipeline works on, of which nobody knows', async () => {
    place.file('pipeline.mjs', 'export default (events$) => events$;');
    path = place.file(
      'piped.yaml',
      `
salesforce: {}
topics: [{ topic: Account, pipeline: ./pipeline.mjs, sink: hook }]
processing: { replay_from: earliest }
sinks: { hook: { type: webhook, url: "${server.url}" } }
`,
    );
    server.answerBy(() => AN_HOUR);
    create('a');
    const command = place.start(['run', path, '--drain-timeout', '1s']);
    await server.until(1);
    const { code, stderr } = await command.kill();
    expect([code, stderr], stderr).to.have.property('0', 1);
    expect(stderr).to.include('1 event was not done').and.not.include('ends now');
  });
});

import { expect } from 'chai';
import { openOtlp } from '../../src/runtime/otlp.js';
import { OtlpReceiver } from '../support/otlp-receiver.js';
import { Workplace } from '../support/workplace.js';

const KEY = 'secret-key-of-the-collector';

describe('rxforce run with telemetry.otlp', () => {
  let place: Workplace;
  let receiver: OtlpReceiver;

  beforeEach(async () => {
    place = await Workplace.open();
    receiver = await OtlpReceiver.start();
  });
  afterEach(async () => {
    await place.close();
    await receiver.stop();
  });

  const config = (telemetry: string, more = '') =>
    place.file(
      'config.yaml',
      `salesforce: {}
topics: [Account]
processing: { replay_from: earliest, commit_interval_ms: 0 }
telemetry: ${telemetry}
${more}`,
    );

  it('sends metrics while it runs, and the spans that are left at the end', async () => {
    const telemetry = `{ otlp: "${receiver.url}/", interval_seconds: 1, service_name: crm-sync, headers: { api-key: \${KEY} } }`;
    const path = config(telemetry, 'http: { port: 0 }');
    place.emulator.org.create('Account', { Name: 'a' });
    const command = place.start(['run', path, '--debug'], { KEY });
    await receiver.until(({ metrics }) => metrics.has('messaging.process.duration'));
    expect(receiver.metrics).to.include.all.keys('messaging.client.consumed.messages', 'rxforce.subscription.state');
    const [, url = ''] = /probes and metrics are at (http:\S+)/.exec(command.stderr) ?? [];
    // For Prometheus, there are the same.
    expect(await (await fetch(`${url}/metrics`)).text()).to.include('messaging_process_duration_seconds_count');
    const { code, stderr } = await command.kill();
    expect(code, stderr).to.equal(0);
    expect(receiver.spans).to.include('process /data/AccountChangeEvent');
    expect([...receiver.services]).to.deep.equal(['crm-sync']);
    expect(receiver.headers.every((headers) => headers['api-key'] === KEY)).to.equal(true);
    expect(stderr).not.to.include(KEY);
  });

  it('sends no spans, when they are not wanted', async () => {
    const path = config(`{ otlp: "${receiver.url}", interval_seconds: 1, traces: false }`);
    place.emulator.org.create('Account', { Name: 'a' });
    const command = place.start(['run', path]);
    await receiver.until(({ metrics }) => metrics.has('messaging.process.duration'));
    expect((await command.kill()).code).to.equal(0);
    expect(receiver.spans).to.deep.equal([]);
  });

  it('warns and loses no event, when nobody is there; and sends nothing, when the text is empty', async () => {
    place.emulator.org.create('Account', { Name: 'a' });
    const path = config('{ otlp: "${OTLP:-}", interval_seconds: 1 }');
    const silent = place.start(['run', path], { OTLP: 'http://127.0.0.1:1' });
    await silent.until(({ events }) => events.length === 1);
    const { code, stderr } = await silent.kill();
    expect(code).to.equal(0);
    expect(stderr).to.match(/WARNING telemetry: .*ECONNREFUSED/);
    expect(await place.here(['check', path])).to.include({ code: 0 });
  });

  it('is refused with what to do, when the URL is none or packages are missing', async () => {
    const path = config('{ otlp: "collector:4318" }');
    const { code, stderr } = await place.here(['run', path]);
    expect(code).to.equal(2);
    expect(stderr).to.include('http://collector:4318');
    const found = await place.here(['check', path, '--connect']);
    expect(found.stdout).to.match(/^✗ +telemetry /m);
    const settings = { otlp: receiver.url, service_name: 'a', interval_seconds: 1, traces: true, headers: undefined };
    const context = { logger: { warn: () => undefined }, queues: {} };
    const missing = () => Promise.reject(new Error("Cannot find package '@opentelemetry/api'"));
    const error = await openOtlp(settings, context, missing).catch((thrown: unknown) => thrown);
    expect(String(error)).to.include('npm install @rxforce/opentelemetry @opentelemetry/api');
  });
});

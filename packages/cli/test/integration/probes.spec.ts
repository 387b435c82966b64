import { expect } from 'chai';
import { Workplace } from '../support/workplace.js';

const CONFIG = `
salesforce: {}
topics: [Account]
processing: { replay_from: earliest }
http: { port: 0 }
`;

describe('The probes of rxforce run', function () {
  this.timeout(40_000);
  let place: Workplace;

  beforeEach(async () => (place = await Workplace.open()));
  afterEach(() => place.close());

  const started = async () => {
    const command = place.start(['run', place.file('config.yaml', CONFIG)]);
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
});

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { expect } from 'chai';
import { environmentOf, rxforceHere } from '../support/rxforce.js';
import { Workplace } from '../support/workplace.js';

const TAIL_SAYS = 'Reads /data/AccountChangeEvent from earliest. Ctrl-C ends it.\n';

describe('The commands of rxforce', () => {
  let place: Workplace;

  beforeEach(async () => (place = await Workplace.open()));
  afterEach(() => place.close());

  /** A command that does what it should. */
  const done = async (args: readonly string[], input = '') => {
    const { code, stdout, stderr } = await place.here(args, {}, input);
    expect(code, stderr).to.equal(0);
    return stdout;
  };

  it('tail shows events, each in a line, and ends after so many', async () => {
    const id = place.emulator.org.create('Account', { Name: 'Abel', AnnualRevenue: 5 });
    place.emulator.org.update('Account', id, { AnnualRevenue: 7 });
    const fields = ['--fields', 'AnnualRevenue'];
    const lines = (await done(['tail', 'Account', '--from', 'earliest', '-n', '2', ...fields])).split('\n');
    expect(lines[0]).to.match(new RegExp(`^[\\d:]{8} CREATE   Account ${id} AnnualRevenue=5$`));
    expect(lines[1]).to.match(new RegExp(`^[\\d:]{8} UPDATE   Account ${id} AnnualRevenue=7$`));
    expect(lines).to.have.length(3);
  });

  it('tail shows dates and times as such, where people read it, and as numbers in JSON', async () => {
    const [day, time, at] = [Date.UTC(2026, 0, 31), 36_900_000, Date.UTC(2026, 0, 31, 12, 30)];
    const fields = { Customer_Since__c: day, Support_Opens__c: time, Last_Review__c: at };
    place.emulator.org.create('Account', { Name: 'Abel', ...fields });
    const args = ['tail', 'Account', '--from', 'earliest', '-n', '1', '--fields', Object.keys(fields).join()];
    const line = await done(args);
    expect(line)
      .to.include(' Customer_Since__c=2026-01-31')
      .and.include(' Support_Opens__c=10:15:00.000')
      .and.include(' Last_Review__c=2026-01-31T12:30:00.000Z')
      .and.not.include('T00');
    expect(JSON.parse(await done([...args, '--json'])))
      .to.have.property('data')
      .that.includes(fields);
  });

  it('tail shows only what --where and --type ask for, as JSON where that is wanted', async () => {
    const { org } = place.emulator;
    for (const AnnualRevenue of [1, 2, 3]) org.create('Account', { Name: `n${AnnualRevenue}`, AnnualRevenue });
    const where = "AnnualRevenue >= 2 AND Name != 'n2'";
    const args = ['tail', 'Account', '--from', 'earliest', '-n', '1', '--type', 'create', '--where', where, '--json'];
    expect(JSON.parse(await done(args))).to.have.nested.property('data.AnnualRevenue', 3);
  });

  it('tail ends in peace, when its reader has seen enough', async () => {
    place.emulator.org.create('Account', { Name: 'a' });
    const command = place.start(['tail', 'Account', '--from', 'earliest']);
    await command.until(({ stdout }) => stdout.includes('\n'));
    command.closeOutput();
    place.emulator.org.create('Account', { Name: 'b' });
    expect(await command.ended).to.include({ code: 0, stderr: TAIL_SAYS });
  });

  it('tail asks for no more events than it can print', async () => {
    const { emulator } = place;
    emulator.org.create(
      'Account',
      Array.from({ length: 200 }, (_, index) => ({ Name: `n${index}` })),
    );
    emulator.org.create(
      'Account',
      Array.from({ length: 400 }, (_, index) => ({ Name: `m${index}` })),
    );
    let printed = 0;
    let mostUnprinted = 0;
    const output = new Writable({
      write: (_chunk, _encoding, done) => {
        const delivered = emulator.subscriptions()[0]?.delivered ?? 0;
        mostUnprinted = Math.max(mostUnprinted, delivered - printed);
        printed += 1;
        // A slow reader.
        setTimeout(done, 1);
      },
    });
    const args = ['tail', 'Account', '--from', 'earliest', '-n', '600'];
    const { code, stderr } = await rxforceHere(args, { environment: environmentOf(emulator), output });
    expect(code, stderr).to.equal(0);
    expect(printed).to.equal(600);
    expect(mostUnprinted).to.be.within(1, 200);
  });

  it('tail ends with 2, as run does, when a field of --where is in no event', async () => {
    const { code, stdout, stderr } = await place.start(['tail', 'Account', '--where', "Naem = 'a'"]).ended;
    expect([code, stdout]).to.deep.equal([2, '']);
    expect(stderr).to.include('--where: where names Naem, which is no field of AccountChangeEvent. Did you mean Name?');
  });

  it('tail of several topics only says which one does not have a field of --where', async () => {
    place.emulator.org.create('Account', { Name: 'a' });
    place.emulator.org.create('Contact', { Title: 'b' });
    const args = ['tail', 'Account', 'Contact', '--from', 'earliest', '--where', "Title = 'b'", '--json'];
    const command = place.start(args);
    await command.until(({ stderr, events }) => events.length === 1 && /WARN.*Account.*Title/.test(stderr));
    expect(command.stderr).not.to.include('onMismatch');
    expect(await command.kill()).to.include({ code: 0 });
  });

  it('tail ends in peace behind a pipe into head', async () => {
    place.emulator.org.create(
      'Account',
      Array.from({ length: 50 }, (_, index) => ({ Name: `n${index}` })),
    );
    const command = place.pipe(['tail', 'Account', '--from', 'earliest'], 'head -3');
    // A reader that is gone is noticed at the next write.
    const more = setInterval(() => place.emulator.org.create('Account', { Name: 'more' }), 20);
    const { code, stdout, stderr } = await command.ended.finally(() => clearInterval(more));
    expect({ code, stderr }).to.deep.equal({ code: 0, stderr: TAIL_SAYS });
    expect(stdout.trim().split('\n')).to.have.length(3);
  });

  it('topics lists what can be subscribed to', async () => {
    place.emulator.org.createChannel('Mine__chn', { members: [{ entity: 'Account' }] });
    const topics = JSON.parse(await done(['topics', '--json'])) as readonly { topic: string }[];
    expect(topics.map(({ topic }) => topic)).to.include.members([
      '/data/AccountChangeEvent',
      '/data/ChangeEvents',
      '/data/Mine__chn',
      '/event/Order_Event__e',
    ]);
    expect(await done(['topics', 'order'])).to.match(
      /^TOPIC +KIND +LABEL\n\/event\/Order_Event__e +event +Order Event\n$/,
    );
  });

  it('schema shows the fields of a topic, and of an id', async () => {
    const shown = await done(['schema', 'Account']);
    const [, id = ''] = /^AccountChangeEvent, schema (\S+)\n/.exec(shown) ?? [];
    expect(shown).to.match(/^AnnualRevenue +double +Currency$/m);
    expect(await done(['schema', id])).to.equal(shown);
    expect(JSON.parse(await done(['schema', id, '--json']))).to.have.nested.property(
      'schema.name',
      'AccountChangeEvent',
    );
    // A name with as many characters as an id.
    expect(await done(['schema', 'OpportunityChangeEvent'])).to.match(/^OpportunityChangeEvent, schema /);
    expect((await place.here(['schema', 'ChangeEvents'])).stderr).to.include('is a channel');
  });

  it('publish publishes each line, and says what became of it', async () => {
    const lines = '{"Order_Number__c":"1"}\n\n{"Order_Number__c":"2"}\n';
    const results = (await done(['publish', 'Order_Event__e'], lines)).trim().split('\n');
    expect(results.map((line) => (JSON.parse(line) as { ok: boolean }).ok)).to.deep.equal([true, true]);
    await done(['publish', '/event/Order_Event__e', '--data', 'Order_Number__c=7']);
    const args = ['tail', 'Order_Event__e', '--from', 'earliest', '-n', '3'];
    expect(await done(args)).to.match(/Order_Number__c="1"[^]*Order_Number__c="2"[^]*Order_Number__c="7"/);
  });

  it('publish ends with 1 and goes on, when an event does not fit', async () => {
    const { code, stdout, stderr } = await place.here(
      ['publish', 'Order_Event__e'],
      {},
      '{"Order_Number__c":1}\n{"Order_Number__c":"2"}\n',
    );
    expect(code).to.equal(1);
    expect(
      stdout
        .trim()
        .split('\n')
        .map((line) => (JSON.parse(line) as { ok: boolean }).ok),
    ).to.deep.equal([false, true]);
    expect(stderr).to.equal('1 of 2 events were not published.\n');
    expect((await place.here(['publish', 'Order_Event__e'], {}, '{"a":1}\n[]')).stderr).to.include('standard input:2');
  });

  it('snapshot writes the records of an object', async () => {
    const { org } = place.emulator;
    org.create('Account', [
      { Name: 'a', AnnualRevenue: 1 },
      { Name: 'b', AnnualRevenue: 2 },
    ]);
    const out = join(place.folder, 'accounts.jsonl');
    await done(['snapshot', 'Account', '--fields', 'Name', '--where', 'AnnualRevenue > 1', '--out', out]);
    const [line, ...more] = readFileSync(out, 'utf8').trim().split('\n');
    expect(JSON.parse(line ?? '')).to.have.nested.property('record.Name', 'b');
    expect(more).to.deep.equal([]);
  });

  it('init writes a configuration that is right once its variables are set, and overwrites nothing', async () => {
    for (const sink of ['stdout', 'file', 'webhook', 'module']) {
      const folder = join(place.folder, sink);
      await done(['init', '--directory', folder, '--sink', sink, '--topic', 'Lead']);
      expect(await place.here(['check', join(folder, 'config.yaml')], { RXFORCE_USERNAME: '' })).to.include({
        code: 4,
      });
      const variables = readFileSync(join(folder, '.env.example'), 'utf8').replaceAll('=\n', '=x\n');
      const env = place.file(`${sink}.env`, variables);
      expect(await done(['check', join(folder, 'config.yaml'), '--env-file', env])).to.include(
        'is right: 1 topic, 1 sink',
      );
      const again = await place.here(['init', '--directory', folder, '--sink', sink]);
      expect(again.code).to.equal(2);
      expect(again.stderr).to.include('config.yaml and .env.example');
    }
    expect(existsSync(join(place.folder, 'module', 'sink.js'))).to.equal(true);
  });

  it('init writes the pipeline that its configuration names', async () => {
    await done(['init', '--directory', place.folder, '--login', 'client_credentials']);
    expect(readFileSync(join(place.folder, 'orders.js'), 'utf8')).to.match(
      /^\/\/ Install .*: npm install @rxforce\/cli/,
    );
    const { clientId, clientSecret } = place.emulator.credentials;
    const path = join(place.folder, 'config.yaml');
    const text = readFileSync(path, 'utf8').replace(
      '# - { topic: /event/Order__e,',
      '- { topic: /event/Order_Event__e,',
    );
    place.file('config.yaml', text);
    place.file('package.json', '{ "type": "module" }');
    await done(['publish', 'Order_Event__e', '--data', 'Order_Number__c=7']);
    const environment = {
      ...{ SALESFORCE_LOGIN_URL: place.emulator.httpUrl, SALESFORCE_CLIENT_ID: clientId },
      ...{ SALESFORCE_CLIENT_SECRET: clientSecret, RXFORCE_PROCESSING__REPLAY_FROM: 'earliest' },
    };
    const command = place.start(['run', '--only', 'Order_Event__e'], environment);
    await command.until(({ stderr }) => /event \S+ has \d+ fields/.test(stderr));
    expect(await command.kill()).to.include({ code: 0 });
  });

  it('say what is missing, when nothing says how to log in', async () => {
    const { code, stderr } = await place.start(['topics'], { RXFORCE_PRIVATE_KEY_FILE: '' }).ended;
    expect(code).to.equal(2);
    expect(stderr).to.include('There is no config.yaml').and.include('rxforce init');
  });

  it('--version shows that of the package, also in one file with all that it imports', async () => {
    const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
    const { version } = JSON.parse(manifest) as { version: string };
    expect(await place.here(['--version'])).to.deep.equal({ code: 0, stdout: `${version}\n`, stderr: '' });
    expect(await place.start(['--version']).ended).to.include({ code: 0, stdout: `${version}\n` });
  });
});

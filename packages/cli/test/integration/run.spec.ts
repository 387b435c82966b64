import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { fileDeadLetterQueue } from '@rxforce/dead-letters';
import { expect } from 'chai';
import { Workplace } from '../support/workplace.js';

const SEED = fileURLToPath(new URL('../../../../../shared/data/config.seed.yaml', import.meta.url));

const CONFIG = `
salesforce: {}
topics: [Account]
processing: { replay_from: earliest, commit_interval_ms: 0 }
`;

const ACCOUNTS = '/data/AccountChangeEvent';

describe('rxforce run', function () {
  let place: Workplace;

  // The position of a quiet topic comes with a keepalive.
  beforeEach(async () => (place = await Workplace.open({ keepaliveMs: 200 })));
  afterEach(() => place.close());

  it('runs the reference configuration as it is, and prints each event as a line of JSON', async function () {
    if (!existsSync(SEED)) this.skip();
    const { org } = place.emulator;
    org.createObject('CustomObject__c');
    const path = place.file('config.yaml', readFileSync(SEED, 'utf8'));
    const environment = { RXFORCE_PROCESSING__REPLAY_FROM: 'earliest' };
    const id = org.create('Account', { Name: 'Abel', AnnualRevenue: 5 });
    org.create('CustomObject__c', {});
    const command = place.start(['run', path], environment);
    await command.until(({ events }) => events.some(({ topic }) => topic === ACCOUNTS) && events.length >= 3);
    const { code, stderr } = await command.kill('SIGTERM');
    expect(code).to.equal(0);
    const [event] = command.events.filter(({ topic }) => topic === ACCOUNTS);
    expect(Object.keys(event ?? {})).to.deep.equal(['id', 'topic', 'replayId', 'header', 'data']);
    expect(event?.header).to.include({ changeType: 'CREATE', entityName: 'Account' });
    expect(event?.header?.recordIds).to.deep.equal([id]);
    expect(event?.data).to.include({ AnnualRevenue: 5 });
    expect(stderr).to.equal('rxforce reads 6 topics. Its log is cdc_client.log.\n');
    expect(readFileSync(join(place.folder, 'cdc_client.log'), 'utf8')).to.match(
      /^[-\d]{10} [\d:,]{12} - rxforce - INFO - rxforce reads 6 topics of .*with the login jwt$/m,
    );
    expect(readdirSync(join(place.folder, 'replay')).length).to.be.at.least(3);
  });

  it('continues where it was, after a signal', async () => {
    const { org } = place.emulator;
    const path = place.file('config.yaml', CONFIG);
    org.create('Account', { Name: 'a' });
    const first = place.start(['run', path]);
    await first.until(({ events }) => events.length === 1);
    expect((await first.kill('SIGINT')).code).to.equal(0);
    org.create('Account', { Name: 'b' });
    const second = place.start(['run', path]);
    await second.until(({ events }) => events.length === 1);
    expect(second.events.map(({ data }) => data.Name)).to.deep.equal(['b']);
    expect((await second.kill('SIGTERM')).code).to.equal(0);
  });

  it('passes on what fields, change_types and where let through', async () => {
    const { org } = place.emulator;
    const path = place.file(
      'config.yaml',
      `
salesforce: {}
processing: { replay_from: earliest }
topics:
  - topic: Lead
    change_types: [CREATE]
    where: { AnnualRevenue: { greater_or_equal: \${LEAST} }, Company: { not_in: [Bad Co] } }
    fields: [Company]
  - topic: Account
    where: { Name: { starts_with: x } }
`,
    );
    const create = (Company: string, AnnualRevenue: number) => org.create('Lead', { Company, AnnualRevenue });
    create('Small', 5);
    const id = create('Good', 100);
    create('Bad Co', 100);
    org.update('Lead', id, { AnnualRevenue: 1_000 });
    create('Last', 101);
    const command = place.start(['run', path, '--only', 'Lead'], { LEAST: '100' });
    await command.until(({ events }) => events.length === 2);
    expect((await command.kill('SIGTERM')).code).to.equal(0);
    expect(command.events.map(({ data }) => data)).to.deep.equal([
      { Company: 'Good', AnnualRevenue: 100 },
      { Company: 'Last', AnnualRevenue: 101 },
    ]);
  });

  it('compares with a variable in quotes and with a date, as the fields are', async () => {
    const { org } = place.emulator;
    const where = "{ AnnualRevenue: { greater_than: '${LEAST}' }, SLAExpirationDate__c: { less_than: '2026-02-01' } }";
    const path = place.file('config.yaml', CONFIG.replace('Account', `{ topic: Account, where: ${where} }`));
    const january = Date.UTC(2026, 0, 31);
    org.create('Account', { Name: 'small', AnnualRevenue: 5, SLAExpirationDate__c: january });
    org.create('Account', { Name: 'late', AnnualRevenue: 50, SLAExpirationDate__c: Date.UTC(2026, 1, 1) });
    org.create('Account', { Name: 'good', AnnualRevenue: 50, SLAExpirationDate__c: january });
    const command = place.start(['run', path], { LEAST: '10' });
    await command.until(({ events }) => events.length === 1);
    expect((await command.kill('SIGTERM')).code).to.equal(0);
    expect(command.events.map(({ data }) => data.Name)).to.deep.equal(['good']);
  });

  it('ends with 2 before the first event, when none can ever pass where', async () => {
    for (const [where, line] of [
      ["{ AnnualRevenue: { greater_than: 'much' } }", '54 topics[0].where.AnnualRevenue.greater_than: where compares'],
      ['{ Naem: { equals: a } }', '37 topics[0].where.Naem: where names Naem'],
    ] as const) {
      const text = CONFIG.replace('Account', `{ topic: Account, where: ${where} }`);
      const { code, stdout, stderr } = await place.start(['run', place.file('config.yaml', text)]).ended;
      expect({ code, stdout }, stderr).to.deep.equal({ code: 2, stdout: '' });
      expect(stderr).to.include(`config.yaml:3:${line}`).and.include('AccountChangeEvent');
      expect(existsSync(join(place.folder, 'replay')) && readdirSync(join(place.folder, 'replay'))).to.satisfy(
        (files: false | string[]) => files === false || files.every((name) => name.endsWith('.lock')),
      );
    }
  });

  it('commits what its filters let not pass', async () => {
    const { org } = place.emulator;
    for (let index = 0; index < 250; index++) org.create('Account', { Name: `account ${index}` });
    const topic = "{ topic: Account, where: { Name: { equals: 'nobody' } } }";
    const path = place.file('config.yaml', `${CONFIG.replace('Account', topic)}logging: { level: DEBUG }\n`);
    const command = place.start(['run', path]);
    await command.until(({ stderr }) => /committed type=committed .* events=[1-9]/.test(stderr));
    expect((await command.kill('SIGTERM')).code).to.equal(0);
  });

  it('goes on with changes, when its filters let no record of a snapshot pass', async () => {
    const { org } = place.emulator;
    const [first = ''] = org.create('Account', [{ Name: 'a' }, { Name: 'b' }]);
    const topic = '{ topic: Account, snapshot: true, query_lag_ms: 0, change_types: [UPDATE] }';
    const path = place.file('config.yaml', `${CONFIG.replace('Account', topic)}logging: { level: DEBUG }\n`);
    const command = place.start(['run', path]);
    await command.until(({ stderr }) => stderr.includes('committed type=committed'));
    org.update('Account', first, { Name: 'c' });
    await command.until(({ events }) => events.length === 1);
    expect((await command.kill('SIGTERM')).code).to.equal(0);
  });

  it('reads the records first, with snapshot', async () => {
    const { org } = place.emulator;
    const ids = org.create('Account', [{ Name: 'a' }, { Name: 'b' }]);
    const path = place.file(
      'config.yaml',
      'salesforce: {}\ntopics: [{ topic: Account, snapshot: true, fields: [Name] }]\nprocessing: { commit_interval_ms: 0 }\n',
    );
    const command = place.start(['run', path]);
    await command.until(({ events }) => events.filter(({ header }) => header?.changeType === 'SNAPSHOT').length >= 2);
    await command.kill('SIGTERM');
    const read = command.events.filter(({ header }) => header?.changeType === 'SNAPSHOT');
    expect(read.flatMap(({ header }) => header?.recordIds)).to.include.members(ids);
    expect(read[0]?.data).to.deep.equal({ Name: 'a' });
  });

  it('reads only the fields that are asked for, when a gap event needs a record', async () => {
    place.file(
      'sink.mjs',
      `export default () => ({
        needsWholeRecords: true,
        write: async (events) => events.forEach(({ data }) => console.log(JSON.stringify({ data }))),
      });`,
    );
    const path = place.file(
      'config.yaml',
      `${CONFIG.replace('[Account]', '[{ topic: Account, fields: [Name] }]')}
sinks: { mine: { type: module, path: ./sink.mjs } }
`,
    );
    place.emulator.faults.sendGaps({ entity: 'Account', times: 1 });
    place.emulator.org.create('Account', { Name: 'a', AnnualRevenue: 5 });
    const command = place.start(['run', path]);
    await command.until(({ events }) => events.length === 1);
    expect((await command.kill()).code).to.equal(0);
    expect(command.events.map(({ data }) => data)).to.deep.equal([{ Name: 'a' }]);
  });

  it('writes to a sink and through a pipeline of the user', async () => {
    const { org } = place.emulator;
    place.file(
      'sink.mjs',
      `import { appendFileSync } from 'node:fs';
      export default ({ path }, { logger }) => ({
        write: async (events) => appendFileSync(path, events.map(({ data }) => data.Name).join() + ';'),
        close: async () => appendFileSync(path, 'closed'),
      });`,
    );
    place.file(
      'pipeline.mjs',
      `import { filter } from 'rxjs';
      export default (events$, { topic, logger }) => {
        logger.info('the pipeline of ' + topic);
        return events$.pipe(filter(({ data }) => data.Name !== 'no'));
      };`,
    );
    const path = place.file(
      'config.yaml',
      `${CONFIG.replace('[Account]', '[{ topic: Account, pipeline: ./pipeline.mjs, sink: mine }]')}
sinks: { mine: { type: module, path: ./sink.mjs, options: { path: ./out }, batch: { size: 2, wait_ms: 60000 } } }
`,
    );
    org.create('Account', { Name: 'a' });
    org.create('Account', { Name: 'no' });
    org.create('Account', { Name: 'b' });
    org.create('Account', { Name: 'c' });
    const command = place.start(['run', path, '--debug']);
    const out = join(place.folder, 'out');
    await command.until(({ stderr }) => stderr.split('Event: event ').length === 5);
    expect(command.stderr).to.include('the pipeline of /data/AccountChangeEvent');
    // The drain writes the batch that is not full.
    const { code } = await command.kill('SIGTERM');
    expect({ code, out: readFileSync(out, 'utf8') }).to.deep.equal({ code: 0, out: 'a,b;c;closed' });
  });

  it('writes batches of the size that is set, also when that is large', async () => {
    const { org } = place.emulator;
    place.file(
      'sink.mjs',
      'export default () => ({ write: async ({ length }) => console.log(JSON.stringify({ data: { length } })) });',
    );
    const sinks = 'sinks: { mine: { type: module, path: ./sink.mjs, batch: { size: 700, wait_ms: 600000 } } }';
    const path = place.file('config.yaml', `${CONFIG}\n${sinks}\n`);
    for (let index = 0; index < 700; index++) org.create('Account', { Name: `account ${index}` });
    const command = place.start(['run', path]);
    await command.until(({ events }) => events.length === 1);
    expect((await command.kill()).code).to.equal(0);
    expect(command.events.map(({ data }) => data.length)).to.deep.equal([700]);
  });

  it('reads all records again, when its position is lost, and says so in words of the file', async () => {
    place.emulator.org.create('Account', { Name: 'a' });
    const topics = 'topics: [{ topic: Account, snapshot: true, on_lost_position: snapshot }]';
    const path = place.file('config.yaml', CONFIG.replace('topics: [Account]', topics));
    const set = ['positions', 'set', '--topic', 'Account', '--to', 'AAAAAAAAAAAA', '-c', path];
    expect(await place.start(set).ended).to.include({ code: 0 });
    const command = place.start(['run', path]);
    await command.until(({ stderr }) => stderr.includes('All records are read again'));
    expect((await command.kill()).stderr).to.include("read again, as on_lost_position is 'snapshot'.");
  });

  it('logs that a sink fails, and not for each event of it', async () => {
    place.file(
      'sink.mjs',
      `export default () => ({
        write: (_events, { attempt }) => Promise.reject(Object.assign(new Error('it is away'), { retriable: attempt < 2 })),
      });`,
    );
    const path = place.file(
      'config.yaml',
      `${CONFIG.replace('commit_interval_ms: 0', 'commit_interval_ms: 0, max_retries: 1, retry_delay_seconds: 0')}
sinks: { mine: { type: module, path: ./sink.mjs } }
`,
    );
    for (let index = 0; index < 20; index++) place.emulator.org.create('Account', { Name: `account ${index}` });
    const command = place.start(['run', path]);
    const letters = fileDeadLetterQueue(join(place.folder, 'failed_events', 'AccountChangeEvent'));
    await command.until(({ stderr }) => stderr.includes('put aside'));
    while ((await letters.depth()) < 20) await setImmediate();
    const { stderr } = await command.kill();
    const lines = stderr.split('\n').filter((line) => line.includes('it is away'));
    expect(lines, stderr).to.have.length(4);
    expect(lines[0]).to.include('AccountChangeEvent: waits until the sink mine takes events again: it is away');
    expect(lines[1]).to.include('AccountChangeEvent: put aside without a retry: it is away');
    expect(lines[2]).to.include('AccountChangeEvent: 19 events were put aside since the last line about it');
    expect(lines[3]).to.include('the sink mine: 19 attempts failed since the last line about it');
  });

  it('says at its end how many events were written, and how many put aside', async () => {
    place.file(
      'sink.mjs',
      `export default () => ({
        write: async (events) => {
          if (events.some(({ data }) => data.Name === 'bad')) throw Object.assign(new Error('no'), { retriable: false });
          console.log(JSON.stringify({ data: { count: events.length } }));
        },
      });`,
    );
    const sinks = 'sinks: { mine: { type: module, path: ./sink.mjs } }';
    for (const Name of ['a', 'bad', 'b', 'c', 'bad']) place.emulator.org.create('Account', { Name });
    const command = place.start(['run', place.file('config.yaml', `${CONFIG}\n${sinks}\n`)]);
    const letters = fileDeadLetterQueue(join(place.folder, 'failed_events', 'AccountChangeEvent'));
    await command.until(({ events }) => events.length === 3);
    while ((await letters.depth()) < 2) await setImmediate();
    const { stderr } = await command.kill();
    expect(stderr).to.include('has ended: everything that came is done (3 events written, 2 put aside)');
  });

  it('ends with the error of a sink that cannot be closed, when everything else is closed', async () => {
    place.file(
      'sink.mjs',
      `export default () => ({
        write: async (events) => events.forEach(({ data }) => console.log(JSON.stringify({ data }))),
        close: async () => { throw new Error('it does not close'); },
      });`,
    );
    const sinks = 'sinks: { mine: { type: module, path: ./sink.mjs } }';
    const path = place.file('config.yaml', `${CONFIG}\n${sinks}\nhttp: { port: 0 }\n`);
    place.emulator.org.create('Account', { Name: 'a' });
    const command = place.start(['run', path]);
    await command.until(({ events }) => events.length === 1);
    const { code, stderr } = await command.kill();
    expect(code, stderr).to.equal(1);
    expect(stderr).to.include('it does not close');
  });

  it('adds lines to a file, with the file as the only sink', async () => {
    const path = place.file('config.yaml', `${CONFIG}\nsinks: { lines: { type: file, path: out/events.jsonl } }\n`);
    place.emulator.org.create('Account', { Name: 'a' });
    const command = place.start(['run', path, '--debug']);
    await command.until(({ stderr }) => stderr.includes(': committed'));
    expect((await command.kill('SIGTERM')).stdout).to.equal('');
    const lines = readFileSync(join(place.folder, 'out/events.jsonl'), 'utf8').trim().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { data: unknown }).data)).to.have.length(1);
  });
});

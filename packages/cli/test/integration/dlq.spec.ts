import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { deadLetterOf, fileDeadLetterQueue } from '@rxforce/dead-letters';
import { changeOf } from '../support/sink-contract.js';
import { status, WebhookServer } from '../support/webhook-server.js';
import { Workplace } from '../support/workplace.js';

interface Listed {
  readonly id: string;
  readonly what: string;
  readonly attempts: number;
  readonly error: string;
}

describe('rxforce dlq', () => {
  let place: Workplace;
  let server: WebhookServer;
  let path: string;

  beforeEach(async () => {
    place = await Workplace.open();
    server = await WebhookServer.start(status(422), status(422), status(422));
    path = place.file(
      'config.yaml',
      `
salesforce: {}
topics: [Account]
processing: { replay_from: earliest, replay_storage_path: ${place.folder}/replay, dead_letter_queue_path: ${place.folder}/failed, max_concurrent_events: 1 }
sinks: { hook: { type: webhook, url: "${server.url}" } }
`,
    );
    place.emulator.org.create('Account', { Name: 'a' });
    place.emulator.org.create('Account', { Name: 'b' });
    place.emulator.org.create('Account', { Name: 'c' });
    const command = place.start(['run', path, '--debug']);
    await command.until(({ stderr }) => stderr.split('put aside').length === 4);
    await command.kill();
  });
  afterEach(async () => {
    await place.close();
    await server.stop();
  });

  const dlq = (...args: readonly string[]) => place.here(['dlq', ...args, '-c', path]);
  const list = async () => JSON.parse((await dlq('list', '--json')).stdout) as readonly Listed[];
  const names = () => server.received.map(({ body }) => (JSON.parse(body) as { data: { Name: string } }).data.Name);

  it('lists and shows letters, and exports them as lines', async () => {
    const letters = await list();
    expect(letters).to.have.length(3);
    expect(letters[0]?.what).to.match(/^CREATE Account 001/);
    expect(letters[0]?.error).to.include('HTTP 422');
    expect(letters[0]?.attempts).to.equal(1);
    expect(JSON.parse((await dlq('show', letters[1]?.id ?? '')).stdout)).to.have.nested.property(
      'value.data.Name',
      'b',
    );
    expect((await dlq('export')).stdout.trim().split('\n')).to.have.length(3);
    expect((await dlq('list')).stdout).to.match(/^ID +TOPIC +WHAT +ATTEMPTS +FAILED AT +ERROR\n/);
  });

  it('writes letters to the sink of their topic again, when it is mended', async () => {
    const { code, stderr } = await dlq('redrive');
    expect(code, stderr).to.equal(0);
    expect(stderr).to.include('3 letters were written, 0 failed again.');
    expect(names()).to.deep.equal(['a', 'b', 'c', 'a', 'b', 'c']);
    expect(await list()).to.deep.equal([]);
  });

  it('keeps letters that fail again, and ends with 1', async () => {
    server.answer(status(200), status(500));
    const { code, stderr } = await dlq('redrive');
    expect(code).to.equal(1);
    expect(stderr).to.include('2 letters were written, 1 failed again.');
    const [letter, ...more] = await list();
    expect(letter?.error).to.match(/ HTTP 500\.$/);
    expect(stderr.split('HTTP 500')).to.have.length(2);
    expect(more).to.deep.equal([]);
  });

  it('tries a letter again, when the sink is out for a moment', async () => {
    server.answer(status(200), status(503));
    const { code, stderr } = await dlq('redrive');
    expect(code, stderr).to.equal(0);
    expect(stderr).to.equal('3 letters were written, 0 failed again.\n');
    expect(names().slice(3)).to.deep.equal(['a', 'b', 'b', 'c']);
  });

  it('stops when the sink is out, says what is left, and leaves the letters as they were', async () => {
    server.answer(status(200), status(503, { 'retry-after': '60' }));
    const [, ...before] = await list();
    const { code, stderr } = await dlq('redrive');
    expect(code).to.equal(1);
    expect(stderr).to.match(
      /^AccountChangeEvent: error: The sink hook is out: \S+ .*HTTP 503\. 2 letters stay as they were\. Once the sink takes events again, run rxforce dlq redrive once more\.$/m,
    );
    expect(stderr).to.include('1 letter was written, 0 failed again, 2 were not tried.');
    expect(await list()).to.deep.equal(before);
    expect(names().slice(3)).to.deep.equal(['a', 'b']);
    expect((await dlq('redrive')).stderr).to.include('2 letters were written');
  });

  it('stops, too, when nobody listens, and counts no letter that --limit left out', async () => {
    const before = await list();
    await server.stop();
    const { code, stderr } = await dlq('redrive', '--limit', '2');
    expect(code).to.equal(1);
    expect(stderr)
      .to.include('2 letters stay as they were.')
      .and.include('0 letters were written, 0 failed again, 2 were');
    expect(await list()).to.deep.equal(before);
  });

  it('works on no more letters than --limit says', async () => {
    expect((await dlq('redrive', '--limit', '2')).stderr).to.include('2 letters were written, 0 failed again.');
    expect(names().slice(3)).to.deep.equal(['a', 'b']);
    expect(await list()).to.have.length(1);
  });

  it('works on a few letters, when it is told which', async () => {
    const [, second, third] = await list();
    expect((await dlq('redrive', third?.id ?? '')).stderr).to.include('1 letter was written');
    expect(names().slice(3)).to.deep.equal(['c']);
    const [record = ''] = second?.what.split(' ').slice(-1) ?? [];
    expect((await dlq('discard', '--match', record)).stderr).to.equal('1 letter was discarded.\n');
    expect(await list()).to.have.length(1);
    expect((await dlq('redrive', '--limit', '1', '--match', 'HTTP 422')).stderr).to.include('1 letter was written');
    expect(names().slice(4)).to.deep.equal(['a']);
  });

  it('writes the letters of other topics, when those of one end in a pipeline', async () => {
    place.file('pipeline.mjs', 'export default (events$) => events$;');
    const text = readFileSync(path, 'utf8').replace(
      '[Account]',
      '[{ topic: Lead, pipeline: ./pipeline.mjs }, Account]',
    );
    const both = place.file('both.yaml', text);
    const lead = { ...changeOf('l'), topic: '/data/LeadChangeEvent' };
    await fileDeadLetterQueue(join(place.folder, 'failed', 'LeadChangeEvent')).put([
      deadLetterOf(lead, new Error('broken')),
    ]);
    const redriven = await place.here(['dlq', 'redrive', '-c', both, '--match', 'HTTP 422', '--limit', '1']);
    expect(redriven).to.deep.include({ code: 0, stderr: '1 letter was written, 0 failed again.\n' });
    const { code, stderr } = await place.here(['dlq', 'redrive', '-c', both]);
    expect(stderr).to.equal(
      'LeadChangeEvent: error: The events of LeadChangeEvent end in a pipeline of yours, so there is no sink to write them to.\n' +
        '2 letters were written, 0 failed again.\n',
    );
    expect(code).to.equal(2);
    expect(await list()).to.deep.equal([]);
  });

  it('tells a sink each schema before the first letter of it', async () => {
    place.file(
      'sink.mjs',
      `export default () => ({
        schemaChanged: async ({ entity, json }) => console.log('schema ' + entity + ' ' + JSON.parse(json).name),
        write: async ([{ data }]) => console.log('write ' + data.Name),
      });`,
    );
    const [config = ''] = readFileSync(path, 'utf8').split('sinks:');
    const file = place.file('module.yaml', `${config}sinks: { mine: { type: module, path: ./sink.mjs } }\n`);
    const { code, stdout, stderr } = await place.start(['dlq', 'redrive', '-c', file]).ended;
    expect(code, stderr).to.equal(0);
    expect(stdout).to.equal('schema Account AccountChangeEvent\nwrite a\nwrite b\nwrite c\n');
  });

  describe('redrive, where a sink needs more than the letters,', () => {
    const redriven = async (sink: string, environment: Record<string, string> = {}) => {
      place.file(
        'sink.mjs',
        `export default () => ({
          schemaChanged: async () => undefined,
          write: async ([{ data }]) => console.log('write ' + data.Name),
        });`,
      );
      const [config = ''] = readFileSync(path, 'utf8').split('sinks:');
      const file = place.file('other.yaml', `${config}sinks: { mine: ${sink} }\n`);
      const before = await list();
      const ended = await place.start(['dlq', 'redrive', '-c', file], environment).ended;
      return { ...ended, before, after: await list() };
    };
    const MODULE = '{ type: module, path: ./sink.mjs }';
    const noSchema = (code: string, times: number) =>
      place.emulator.faults.answer({ status: code, method: 'GetSchema', times } as never);

    it('waits for a schema, when the org cannot be asked for a moment', async () => {
      noSchema('UNAVAILABLE', 2);
      const { code, stdout, stderr } = await redriven(MODULE);
      expect(code, stderr).to.equal(0);
      expect(stdout).to.equal('write a\nwrite b\nwrite c\n');
    });

    for (const sink of [MODULE, '{ type: sqlite, url: ./tables.db }']) {
      it(`stops, says so, and leaves the letters as they were, when the org gives no schema to ${sink}`, async () => {
        noSchema('UNAVAILABLE', 1_000);
        const { code, stdout, stderr, before, after } = await redriven(sink);
        expect([code, stdout], stderr).to.deep.equal([1, '']);
        expect(stderr).to.match(
          /^AccountChangeEvent: error: The schema of the events cannot be had: .*UNAVAILABLE.* 3 letters stay as they were\. Once it can be had, run rxforce dlq redrive once more\.$/m,
        );
        expect(stderr).to.include('0 letters were written, 0 failed again, 3 were not tried.');
        expect(after).to.deep.equal(before);
      });
    }

    it('stops at once and ends with 3, when the login is refused that tells the URL of the org', async () => {
      place.emulator.faults.refuseLogins(10, { error: 'invalid_client_id', description: 'client identifier invalid' });
      const { code, stderr, before, after } = await redriven(
        `{ type: webhook, url: "${server.url}", format: cloudevents }`,
      );
      expect(code, stderr).to.equal(3);
      expect(stderr).to.match(
        /^AccountChangeEvent: error: The URL of the org cannot be had: .* 3 letters stay as they/m,
      );
      expect(after).to.deep.equal(before);
    });

    it('fails letters whose schema the org does not have', async () => {
      noSchema('NOT_FOUND', 1_000);
      const { code, stderr, after } = await redriven(MODULE);
      expect(code, stderr).to.equal(1);
      expect(stderr).to.include('0 letters were written, 3 failed again.');
      expect(after[0]?.error).to.include('The schema of the events cannot be had: ');
    });
  });

  it('discards nothing by accident', async () => {
    expect(await dlq('discard')).to.include({ code: 2 });
    expect(await dlq('discard', 'no-such-letter')).to.include({ code: 2 });
    expect(await dlq('throw')).to.include({ code: 2 });
    expect(await list()).to.have.length(3);
    expect((await dlq('discard', '--all')).stderr).to.equal('3 letters were discarded.\n');
  });
});

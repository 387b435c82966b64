import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { readConfiguration } from '../../src/config/configuration.js';
import { openEngine } from '../../src/runtime/open-engine.js';
import { until } from '../../../../test/support/until.js';
import { ENGINES, type EngineServer } from '../support/engines.js';
import { Workplace } from '../support/workplace.js';

const PASSWORD = 'secret-of-engine-1';
const quiet = { warn: () => undefined };

for (const { section, name, nowhere, start } of ENGINES) {
  describe(`rxforce with ${section}`, function () {
    this.timeout(90_000);
    let server: EngineServer;
    let place: Workplace;

    before(async () => (server = await start(PASSWORD)));
    after(() => server.stop());
    beforeEach(async () => {
      await server.empty();
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
${section}: { url: "${server.url.replace(PASSWORD, '${ENGINE_PASSWORD}')}", lease: true }
${more}`,
      );
    const environment = { ENGINE_PASSWORD: PASSWORD };
    const URL_VARIABLE = `RXFORCE_${section.toUpperCase()}__URL`;

    it('keeps positions there and nothing in files, and a second process waits until the first is gone', async () => {
      const { org } = place.emulator;
      const path = config();
      org.create('Account', { Name: 'a' });
      const first = place.start(['run', path, '--debug'], environment);
      await first.until(({ stderr, events }) => events.length === 1 && stderr.includes(': committed'));
      const second = place.start(['run', path], environment);
      await second.until(({ stderr }) => stderr.includes(': standby'));
      await first.kill();
      org.create('Account', { Name: 'b' });
      await second.until(({ events }) => events.length === 1);
      expect(second.events[0]?.data).to.include({ Name: 'b' });
      expect(await second.kill()).to.include({ code: 0 });
      expect(existsSync(join(place.folder, 'replay'))).to.equal(false);
      for (const { stderr } of [first, second]) expect(stderr).not.to.include(PASSWORD);
      const { stdout } = await place.here(['positions', 'list', '--json', '-c', path], environment);
      expect(JSON.parse(stdout)).to.have.nested.property('[0].topic', '/data/AccountChangeEvent');
      // Also a position that no topic of the configuration has, and nobody needs to log in for it.
      await place.here(
        ['positions', 'set', '--topic', '/data/LeadChangeEvent', '--name', 'old', '--to', 'earliest', '-c', path],
        environment,
      );
      place.emulator.faults.refuseLogins(10);
      const all = await place.here(['positions', 'list', '--json', '-c', path], environment);
      const topics = (JSON.parse(all.stdout) as { topic: string; name: string }[]).map(
        ({ topic, name }) => `${topic} ${name}`,
      );
      expect(topics).to.have.members(['/data/AccountChangeEvent default', '/data/LeadChangeEvent old']);
    });

    describe('and a log between readers and workers', () => {
      const withLog = () => {
        const text = readFileSync(config('http: { port: 0 }'), 'utf8');
        return place.file('log.yaml', text.replace('lease: true', 'lease: true, log: { name: crm, partitions: 2 }'));
      };
      const positions = (path: string, ...args: readonly string[]) =>
        place.here(['positions', ...args, '-c', path], environment);
      const listed = async (path: string, ...args: readonly string[]) => {
        const rows = JSON.parse((await positions(path, 'list', '--json', ...args)).stdout) as Record<string, string>[];
        return rows.map(({ topic, name, position }) => ({ of: `${topic} ${name}`, position }));
      };

      it('is tried by check --connect, and not made', async () => {
        const tried = async () => {
          const { code, stdout } = await place.here(['check', withLog(), '--connect'], environment);
          return { code, line: stdout.split('\n').find((line) => line.includes('log crm')) };
        };
        const absent = await tried();
        expect(absent.line).to.match(/^✓ +log crm +is made by the first reader$/);
        const text = readFileSync(withLog(), 'utf8').replace('partitions: 2', 'partitions: 4');
        const four = readConfiguration({ file: place.file('four.yaml', text), environment }).unwrap();
        const engine = await openEngine(four.configuration, quiet);
        await engine?.log()?.open();
        await engine?.close();
        const other = await tried();
        expect(other.code).to.equal(4);
        expect(other.line).to.match(/^✗ +log crm +The log "crm" on (Redis|JetStream) has 4 partitions, and not 2/);
      });

      describe('needs no org for a worker', () => {
        const NO_ORG = {
          ...environment,
          ...{ RXFORCE_LOGIN_URL: '', RXFORCE_CLIENT_ID: '', RXFORCE_USERNAME: '', RXFORCE_PRIVATE_KEY_FILE: '' },
        };
        const ofWorker = (topic = 'Account') =>
          place.file(
            'worker.yaml',
            readFileSync(withLog(), 'utf8').replace('salesforce: {}', '').replace('[Account]', `[${topic}]`),
          );

        it('which ends with 2 and commits nothing, when the first event shows that none can pass where', async () => {
          const reader = place.start(['run', withLog(), '--role', 'reader'], environment);
          place.emulator.org.create('Account', { Name: 'a' });
          const path = ofWorker("{ topic: Account, where: { AnnualRevenue: { greater_than: 'much' } } }");
          const { code, stderr } = await place.start(['run', path, '--role', 'worker', '--debug'], NO_ORG).ended;
          expect(code, stderr).to.equal(2);
          expect(stderr).to.include('topics[0].where.AnnualRevenue.greater_than: where compares AnnualRevenue');
          // The other partition may write how far it is: it has no event.
          expect(stderr).to.not.match(/: committed .* events=[1-9]/);
          const right = place.start(['run', ofWorker(), '--role', 'worker'], NO_ORG);
          await right.until(({ events }) => events.length === 1);
          await right.kill();
          await reader.kill();
        });

        it('whose sinks ask it for nothing', async () => {
          const reader = place.start(['run', withLog(), '--role', 'reader'], environment);
          const path = ofWorker();
          const worker = place.start(['run', path, '--role', 'worker'], NO_ORG);
          place.emulator.org.create('Account', { Name: 'a' });
          await worker.until(({ events }) => events.length === 1);
          const ended = await worker.kill();
          expect(ended.code, ended.stderr).to.equal(0);
          expect(ended.stderr).to.not.include('salesforce');
          await reader.kill();
          const checked = await place.here(['check', path], NO_ORG);
          expect(checked).to.deep.include({
            code: 0,
            stderr:
              `hint: ${path} salesforce: is missing, so the file is for run --role worker alone: a reader, and most ` +
              'commands, need the org.\n',
          });
          for (const args of [
            ['run', path, '--role', 'reader'],
            ['topics', '-c', path],
          ]) {
            const refused = await place.here(args, NO_ORG);
            expect(refused).to.include({ code: 2 });
            expect(refused.stderr).to.include('The configuration has no salesforce, which says how to log in.');
          }
        });

        it('until a pipeline asks it for something, which ends the worker with an error that says so', async () => {
          place.file(
            'pipeline.mjs',
            `import { mergeMap } from '@rxforce/operators/rxjs';
          export default (events$, { fetch }) => events$.pipe(mergeMap(() => fetch('/services/data/v64.0/limits')));`,
          );
          const reader = place.start(['run', withLog(), '--role', 'reader'], environment);
          const worker = place.start(
            ['run', ofWorker('{ topic: Account, pipeline: ./pipeline.mjs }'), '--role', 'worker'],
            NO_ORG,
          );
          place.emulator.org.create('Account', { Name: 'a' });
          const { code, stderr } = await worker.ended;
          expect(stderr).to.match(/ has ended: The configuration has no salesforce, which says how to log in\./);
          expect(code).to.equal(2);
          await reader.kill();
        });
      });

      it('lists, sets and deletes the positions of a reader and of partitions, and the page of the reader has its own', async () => {
        const path = withLog();
        for (let index = 0; index < 8; index += 1) place.emulator.org.create('Account', { Name: 'a' });
        const reader = place.start(['run', path, '--role', 'reader'], environment);
        const worker = place.start(['run', path, '--role', 'worker'], environment);
        await worker.until(({ events }) => events.length === 8);
        const [, url = ''] = /metrics are at (http:\S+)/.exec(reader.stderr) ?? [];
        const onPage = (await (await fetch(`${url}/api/positions`)).json()) as { topic: string; name: string }[];
        // That of a worker has how far all members are, of every partition of the log.
        const [, ofWorker = ''] = /metrics are at (http:\S+)/.exec(worker.stderr) ?? [];
        const lag = async () =>
          (await (await fetch(`${ofWorker}/api/lag`)).json()) as { partitions: { partition: number }[] };
        await until(async () => (await lag()).partitions.length === 2);
        expect((await lag()).partitions.map(({ partition }) => partition)).to.have.members([0, 1]);
        expect(onPage.map(({ topic, name }) => `${topic} ${name}`)).to.deep.equal([
          '/data/AccountChangeEvent relay-crm',
        ]);
        const held = await positions(path, 'set', '--topic', 'Account#1', '--to', 'earliest');
        expect(held.code).to.equal(1);
        expect(held.stderr)
          .to.match(
            /^error: The position "default" of \/data\/AccountChangeEvent#1 is in use: .* Stop the workers first\.$/m,
          )
          .and.not.include('name of its own');
        expect((await worker.kill()).code).to.equal(0);
        expect((await reader.kill()).code).to.equal(0);

        const [of, first, second] = ['relay-crm', '#0 default', '#1 default'].map((name) =>
          `/data/AccountChangeEvent ${name}`.replace(' #', '#'),
        );
        expect((await listed(path, '--topic', 'Account')).map((each) => each.of)).to.deep.equal([of, first, second]);
        const several = await positions(path, 'set', '--topic', 'Account', '--to', 'earliest');
        expect(several).to.deep.include({
          code: 2,
          stderr:
            'error: There are 3 positions of Account: /data/AccountChangeEvent "relay-crm", ' +
            '/data/AccountChangeEvent#0 "default", /data/AccountChangeEvent#1 "default". Name one with --topic and --name.\n',
        });
        const set = await positions(path, 'set', '--topic', 'Account#1', '--to', 'earliest');
        expect(set.code, set.stderr).to.equal(0);
        expect(set.stderr).not.to.include('overwrites');
        const [partition] = await listed(path, '--topic', '/data/AccountChangeEvent#1');
        expect(partition).to.deep.equal({ of: second, position: 'earliest' });
        expect((await positions(path, 'set', '--topic', 'Account#7', '--to', 'earliest')).stderr).to.include(
          'partition',
        );
        expect(await positions(path, 'delete', '--topic', 'Account#0')).to.include({ code: 0 });
        expect(await positions(path, 'delete', '--name', 'relay-crm')).to.include({ code: 0 });
        expect((await listed(path)).map((each) => each.of)).to.deep.equal([second]);
        // The one that the reader will have.
        const again = await positions(path, 'set', '--topic', 'Account', '--name', 'relay-crm', '--to', 'earliest');
        expect(again.code, again.stderr).to.equal(0);
      });
    });

    it('ends with 2, when the URL is none, and with 4 from check --connect, when nobody answers', async () => {
      const path = config();
      const wrong = await place.here(['run', path], { [URL_VARIABLE]: 'localhost' });
      expect(wrong).to.include({ code: 2 });
      expect(wrong.stderr).to.include(`${section}.url must be`);
      const silent = await place.here(['check', path, '--connect'], { [URL_VARIABLE]: nowhere });
      expect(silent.code).to.equal(4);
      expect(silent.stdout)
        .to.match(/^✗ +positions .*127\.0\.0\.1:1/m)
        .and.not.include('within')
        .and.not.include('retryStrategy');
    });

    it('refuses to set or delete the position of a process that has its lease', async () => {
      const path = config();
      place.emulator.org.create('Account', { Name: 'a' });
      const command = place.start(['run', path, '--debug'], environment);
      await command.until(({ stderr }) => stderr.includes(': committed'));
      const positions = (...args: readonly string[]) => place.here(['positions', ...args, '-c', path], environment);
      const set = ['set', '--topic', 'Account', '--to', 'earliest'];
      for (const args of [set, ['delete', '--topic', 'Account']]) {
        const refused = await positions(...args);
        expect(refused.code).to.equal(1);
        expect(refused.stderr).to.match(/^error: The position "default" of \/data\/AccountChangeEvent is .*lease/);
      }
      expect((await command.kill()).code).to.equal(0);
      expect(await positions(...set)).to.include({ code: 0 });
      const again = place.start(['run', path], environment);
      await again.until(({ events }) => events.length === 1);
      await again.kill();
    });

    it(`starts before ${name} is there, and goes on when it is`, async () => {
      const path = config('http: { port: 0 }');
      await server.kill();
      place.emulator.org.create('Account', { Name: 'a' });
      const command = place.start(['run', path], environment);
      await command.until(({ stderr }) => /failed: .*refused/i.test(stderr));
      const [, url = ''] = /metrics are at (http:\S+)/.exec(command.stderr) ?? [];
      expect((await fetch(`${url}/livez`)).status).to.equal(200);
      await server.start();
      await command.until(({ events }) => events.length === 1);
      await server.kill();
      await server.start();
      place.emulator.org.create('Account', { Name: 'b' });
      // What was not committed before comes twice.
      await command.until(({ events }) => events.some(({ data }) => data.Name === 'b'));
      expect((await command.kill()).code, command.stderr).to.equal(0);
      expect(command.stderr).not.to.include(PASSWORD);
    });

    it('lists nothing and says why, when nobody answers', async () => {
      const away = { ...environment, [URL_VARIABLE]: nowhere };
      const { code, stdout, stderr } = await place.here(['positions', 'list', '-c', config()], away);
      expect({ code, stdout }).to.deep.equal({ code: 1, stdout: '' });
      expect(stderr)
        .to.match(/^error: Listing the positions on (Redis|JetStream) failed: .*127\.0\.0\.1:1.*/)
        .and.not.include('within');
    });
  });
}

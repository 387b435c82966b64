import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { ENGINES, type EngineServer } from '../support/engines.js';
import type { RunningCommand } from '../support/rxforce.js';
import { Workplace } from '../support/workplace.js';

const RECORDS = 12;
const CHANGES = 20;

/** Appends a line for each event: who wrote it, of which record, and the number of the change. */
const SINK = `import { appendFileSync } from 'node:fs';
export default ({ path }) => ({
  write: async (events) => {
    for (const { header, data } of events) {
      const line = (id) => process.env.WORKER + ' ' + id + ' ' + data.AnnualRevenue + ' .\\n';
      appendFileSync(path, '\\n' + header.recordIds.map(line).join(''));
    }
  },
});`;

const PASSWORD = 'secret-of-engine-3';

for (const { section, name: engine, start: startEngine } of ENGINES) {
  describe(`rxforce run --role worker keeps the order of each record with ${engine}`, function () {
    this.timeout(120_000);
    let server: EngineServer;
    let place: Workplace;

    before(async () => (server = await startEngine(PASSWORD)));
    after(() => server.stop());
    beforeEach(async () => {
      await server.empty();
      place = await Workplace.open();
    });
    afterEach(() => place.close());

    const lines = () => {
      const path = join(place.folder, 'out');
      if (!existsSync(path)) return [];
      return (
        readFileSync(path, 'utf8')
          .split('\n')
          // What a kill has torn has no dot, and the next line begins anew.
          .filter((line) => line.endsWith(' .'))
          .map((line) => line.split(' ') as [string, string, string])
      );
    };
    /** Waits for a line in the file, which a worker writes. Each is at work while this waits. */
    const until = async (isThere: () => boolean) => {
      while (!isThere()) await new Promise((resolve) => setTimeout(resolve, 50));
    };

    /** What happens to the first of two workers, or to the engine. */
    const disturbances: readonly (readonly [what: string, happen: (first: RunningCommand) => Promise<unknown>])[] = [
      ['a worker is killed among two', (first) => first.kill('SIGKILL')],
      [`${engine} is killed and started`, () => server.kill().then(() => server.start())],
    ];
    for (const [what, happen] of disturbances) {
      it(`and loses nothing, when ${what}`, async () => {
        const { org } = place.emulator;
        place.file('sink.mjs', SINK);
        const path = place.file(
          'config.yaml',
          `salesforce: {}
topics: [Account]
processing: { replay_from: earliest, commit_interval_ms: 20 }
${section}: { url: "${server.url}", lease: true, lease_ttl_ms: 1000, log: { name: crm, partitions: 8 } }
sinks: { mine: { type: module, path: ./sink.mjs, options: { path: ./out } } }
http: { port: 0 }
`,
        );
        const ids = org.create(
          'Account',
          Array.from({ length: RECORDS }, () => ({ Name: 'a', AnnualRevenue: 0 })),
        );
        let made = 1;
        const change = () => {
          for (const id of ids) org.update('Account', id, { AnnualRevenue: made });
          made += 1;
        };
        const start = (role: string, name: string): RunningCommand =>
          place.start(['run', path, '--role', role], { WORKER: name });
        const reader = start('reader', 'reader');
        const first = start('worker', 'first');
        const second = start('worker', 'second');
        // Until both are at work.
        await until(() => {
          change();
          return ['first', 'second'].every((name) => lines().some(([worker]) => worker === name));
        });
        await happen(first);
        for (let count = 0; count < CHANGES; count += 1) change();
        const seen = () => new Set(lines().map(([, id, number]) => `${id} ${number}`));
        await until(() => seen().size === RECORDS * made);

        const [, url = ''] = /probes and metrics are at (http:\S+)/.exec(second.stderr) ?? [];
        const text = await (await fetch(`${url}/metrics`)).text();
        expect(text).to.match(/^rxforce_log_lag_age_seconds\{.*AccountChangeEvent.*\} [\d.]+$/m);
        expect((await fetch(`${url}/startupz`)).status).to.equal(200);
        expect((await second.kill('SIGTERM')).code, second.stderr).to.equal(0);
        expect((await reader.kill('SIGTERM')).code, reader.stderr).to.equal(0);

        for (const id of ids) {
          // What was under way at the kill comes again, so the first time counts.
          const numbers = [...new Set(lines().flatMap(([, of, number]) => (of === id ? [Number(number)] : [])))];
          expect(numbers).to.deep.equal(Array.from({ length: made }, (_, index) => index));
        }
      });
    }

    it('also of platform events, by the value of a field', async () => {
      const path = place.file(
        'config.yaml',
        `salesforce: {}
topics: [{ topic: /event/Order_Event__e, partition_by: Order_Number__c }]
processing: { replay_from: earliest, commit_interval_ms: 20 }
${section}: { url: "${server.url}", prefix: events, lease: true, log: { partitions: 4 } }
`,
      );
      const data = Array.from({ length: 20 }, (_, index) => `{"Order_Number__c":"${index % 2}"}`).join('\n');
      await place.here(['publish', '/event/Order_Event__e'], {}, data);
      const reader = place.start(['run', path, '--role', 'reader']);
      const worker = place.start(['run', path, '--role', 'worker']);
      await worker.until(({ events }) => events.length >= 20);
      expect((await worker.kill()).code).to.equal(0);
      expect((await reader.kill()).code).to.equal(0);
      expect(worker.stderr).to.match(/rxforce, as a worker, reads 1 topic of the log [\w.-]+$/m);
      expect(reader.stderr).to.match(/rxforce, as a reader, reads 1 topic of \S+, with the login jwt$/m);
      for (const order of ['0', '1']) {
        const origins = worker.events.filter((event) => event.data.Order_Number__c === order).map(({ id }) => id);
        const published = await place.here([
          'tail',
          '/event/Order_Event__e',
          '--from',
          'earliest',
          '-n',
          '20',
          '--json',
        ]);
        const all = published.stdout
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line) as (typeof worker.events)[number]);
        expect(origins).to.deep.equal(all.filter((event) => event.data.Order_Number__c === order).map(({ id }) => id));
      }
    });

    it('and the reader puts an event aside that cannot be decoded, and goes on', async () => {
      const path = place.file(
        'config.yaml',
        `salesforce: {}
topics: [Account]
processing: { replay_from: earliest, commit_interval_ms: 20, dead_letter_queue_path: ${place.folder}/dead }
${section}: { url: "${server.url}", prefix: undecodable, lease: true, log: { partitions: 4 } }
`,
      );
      place.emulator.faults.corruptPayload({ times: 1 });
      const { org } = place.emulator;
      const ids = [org.create('Account', { Name: 'broken' }), org.create('Account', { Name: 'whole' })];
      const reader = place.start(['run', path, '--role', 'reader']);
      const worker = place.start(['run', path, '--role', 'worker']);
      await worker.until(({ events }) => events.length === 1);
      expect(worker.events[0]?.header?.recordIds).to.deep.equal([ids[1]]);
      expect((await reader.kill()).code).to.equal(0);
      expect((await worker.kill()).code).to.equal(0);
      const letters = JSON.parse((await place.here(['dlq', 'list', '--json', '-c', path])).stdout) as object[];
      expect(letters).to.have.length(1);
    });

    it('and is refused with a sentence that says what is missing, without a log or a lease', async () => {
      const config = (settings: string, topic = 'Account') =>
        place.file('config.yaml', `salesforce: {}\ntopics: [${topic}]\n${settings}\n`);
      const refused = async (path: string, ...role: string[]) => {
        const { code, stderr } = await place.here(['run', path, ...role]);
        expect(code).to.equal(2);
        return stderr;
      };
      const url = `url: "${server.url}"`;
      expect(await refused(config(''), '--role', 'reader')).to.include('--role reader needs a log');
      expect(await refused(config(''), '--role', 'boss')).to.include('There are reader and worker');
      const log = `${section}: { ${url}, lease: true, log: {} }`;
      expect(await refused(config(log))).to.include('say what this process does');
      expect(await refused(config(log.replace('lease: true, ', '')), '--role', 'reader')).to.include(
        'needs lease: true',
      );
      const whole = '{ topic: Account, snapshot: true }';
      expect(await refused(config(log, whole), '--role', 'worker')).to.include('topics[0].snapshot');
      expect(await refused(config(`${log}\nprocessing: { replay_from_stored: false }`))).to.include(
        'replay_from_stored',
      );
    });
  });
}

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { expect } from 'chai';
import { Workplace } from '../support/workplace.js';

const CONFIG = 'salesforce: {}\ntopics: [Account]\nprocessing: { replay_from: earliest, commit_interval_ms: 0 }\n';
const TO_FILE = 'sinks: { file: { type: file, path: events.jsonl } }\n';
const FULL = 'standard output cannot be written (ENOSPC).';

describe('When standard output or standard error is gone', () => {
  let place: Workplace;

  beforeEach(async () => (place = await Workplace.open()));
  afterEach(() => place.close());

  const lines = () => {
    const file = join(place.folder, 'events.jsonl');
    return existsSync(file) ? readFileSync(file, 'utf8').split('\n').length - 1 : 0;
  };

  it('rxforce run goes on without its log, and drains at a signal', async () => {
    const { org } = place.emulator;
    const command = place.start(['run', place.file('config.yaml', CONFIG + TO_FILE), '--debug']);
    await command.until(({ stderr }) => stderr.includes('logged in'));
    command.closeErrors();
    for (let written = 1; written <= 3; written++) {
      org.create('Account', { Name: 'a' });
      while (lines() < written) await setImmediate();
    }
    expect(await command.kill('SIGTERM')).to.include({ code: 0 });
  });

  it('rxforce run, whose sink is standard output, drains its other topics and ends with 1', async () => {
    const { org } = place.emulator;
    const topics = 'topics: [{ topic: Account, sink: stdout }, { topic: Lead, sink: file }]';
    const path = place.file('config.yaml', CONFIG.replace('topics: [Account]', topics) + TO_FILE);
    const command = place.start(['run', path]);
    org.create('Account', { Name: 'a' });
    org.create('Lead', { Company: 'b' });
    await command.until(({ events }) => events.length === 1 && lines() === 1);
    command.closeOutput();
    org.create('Account', { Name: 'c' });
    org.create('Account', { Name: 'd' });
    const { code, stderr } = await command.ended;
    expect(code, stderr).to.equal(1);
    expect(stderr)
      .to.match(/ERROR .*ends: standard output cannot be written \(EPIPE\)\. What was not written comes again\.$/m)
      .and.match(/^error: standard output cannot be written \(EPIPE\)\.$/m)
      .and.not.include('put aside');
    // What was not written comes again, and what was written is committed.
    const next = place.start(['run', path]);
    await next.until(({ events }) => events.some(({ data }) => data.Name === 'd'));
    expect((await next.kill('SIGTERM')).code).to.equal(0);
    expect(next.events.map(({ data }) => data.Name)).to.deep.equal(['c', 'd']);
    expect(lines()).to.equal(1);
  });

  it('rxforce run, whose disk is full, ends with 1 and puts nothing aside', async () => {
    place.emulator.org.create('Account', { Name: 'a' });
    const { code, stderr } = await place.startInto('/dev/full', ['run', place.file('config.yaml', CONFIG)]).ended;
    expect(code, stderr).to.equal(1);
    expect(stderr)
      .to.include(`error: ${FULL}\n`)
      .and.not.match(/put aside|at .*\.js/);
    const next = place.start(['run', join(place.folder, 'config.yaml')]);
    await next.until(({ events }) => events.length === 1);
  });

  for (const args of [['tail', 'Account', '--from', 'earliest'], ['topics'], ['--help'], ['--version']]) {
    it(`rxforce ${args.join(' ')} says that the disk is full, and ends with 1`, async () => {
      place.emulator.org.create('Account', { Name: 'a' });
      const { code, stderr } = await place.startInto('/dev/full', args).ended;
      expect(code, stderr).to.equal(1);
      expect(stderr.split('\n').slice(-2)).to.deep.equal([`error: ${FULL}`, '']);
    });
  }
});

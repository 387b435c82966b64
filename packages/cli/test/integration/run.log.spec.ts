import { readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { Workplace } from '../support/workplace.js';

const CONFIG = `
salesforce: {}
topics: [Account]
processing: { replay_from: earliest, commit_interval_ms: 0 }
`;

describe('rxforce run, with a log in a file,', () => {
  let place: Workplace;

  beforeEach(async () => (place = await Workplace.open({ keepaliveMs: 200 })));
  afterEach(() => place.close());

  it('is refused, when more than the last directory of its log is missing', async () => {
    const path = place.file('config.yaml', `${CONFIG}\nlogging: { file: no/such/run.log }\n`);
    const { code, stderr } = await place.start(['run', path]).ended;
    expect(code, stderr).to.equal(2);
    expect(stderr).to.include('The log no/such/run.log cannot be written (ENOENT)');
  });

  it('goes on in the old log, when the file cannot be opened anew', async () => {
    const path = place.file('config.yaml', `${CONFIG}\nlogging: { file: logs/run.log }\n`);
    place.emulator.org.create('Account', { Name: 'a' });
    const command = place.start(['run', path]);
    await command.until(({ events }) => events.length === 1);
    renameSync(join(place.folder, 'logs'), join(place.folder, 'old'));
    place.file('logs', 'a file, where the directory was');
    command.signal('SIGHUP');
    place.emulator.org.create('Account', { Name: 'b' });
    await command.until(({ events }) => events.length === 2);
    const { code, stderr } = await command.kill();
    expect(code, stderr).to.equal(0);
    const log = readFileSync(join(place.folder, 'old', 'run.log'), 'utf8');
    expect(log).to.include('stays in its old file').and.include('has ended');
  });
});

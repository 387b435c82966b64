import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { Workplace } from '../support/workplace.js';

describe('rxforce positions', () => {
  let place: Workplace;

  beforeEach(async () => (place = await Workplace.open()));
  afterEach(() => place.close());

  /** A command that does what it should. */
  const done = async (args: readonly string[]) => {
    const { code, stdout, stderr } = await place.here(args);
    expect(code, stderr).to.equal(0);
    return stdout;
  };

  const config = () =>
    place.file(
      'config.yaml',
      `salesforce: {}\ntopics: [Account]\nprocessing: { replay_from: earliest, replay_storage_path: ${place.folder}/replay }\n`,
    );

  it('lists, sets and deletes what a run has stored, but nothing that is in use', async () => {
    const path = config();
    place.emulator.org.create('Account', { Name: 'a' });
    const command = place.start(['run', path]);
    await command.until(({ events }) => events.length === 1);
    const set = ['positions', 'set', '--topic', 'Account', '--to', 'earliest', '-c', path];
    const inUse = await place.here(set);
    expect(inUse.code).to.equal(1);
    expect(inUse.stderr).to.match(/position "default" of \/data\/AccountChangeEvent/);
    await command.kill();

    const list = async () =>
      JSON.parse(await done(['positions', 'list', '--json', '-c', path])) as { position: string }[];
    const [before] = await list();
    expect(before).to.include({ topic: '/data/AccountChangeEvent', name: 'default' });
    await done(set);
    expect((await list())[0]?.position).to.equal('earliest');
    const again = place.start(['run', path]);
    await again.until(({ events }) => events.length === 1);
    await again.kill();
    await done(['positions', 'set', '--topic', 'Account', '--to', before?.position ?? '', '-c', path]);
    expect((await list())[0]?.position).to.equal(before?.position);
    await done(['positions', 'delete', '-c', path]);
    expect(await list()).to.deep.equal([]);
    expect(readdirSync(join(place.folder, 'replay')).filter((name) => name.endsWith('.json'))).to.deep.equal([]);
  });

  it('set the only position that a topic has or will have, and none of several', async () => {
    const named = '{ topic: Account, name: crm }';
    const path = place.file('named.yaml', readFileSync(config(), 'utf8').replace('Account', named));
    const set = (...args: readonly string[]) =>
      place.here(['positions', 'set', '--topic', 'Account', '--to', 'earliest', '-c', path, ...args]);
    const names = async () => {
      const rows = JSON.parse(await done(['positions', 'list', '--json', '-c', path])) as { name: string }[];
      return rows.map(({ name }) => name);
    };
    expect((await set()).stderr).to.equal('The position "crm" of /data/AccountChangeEvent is set to earliest.\n');
    expect(await names()).to.deep.equal(['crm']);
    expect(await set('--name', 'erp', '--force')).to.include({ code: 0 });
    expect(await set()).to.deep.include({
      code: 2,
      stderr:
        'error: There are 2 positions of Account: /data/AccountChangeEvent "crm", /data/AccountChangeEvent "erp". ' +
        'Name one with --topic and --name.\n',
    });
    expect(await names()).to.deep.equal(['crm', 'erp']);
  });

  it('say what is missing, when the command line does', async () => {
    const path = config();
    expect((await place.here(['positions', 'sett', '-c', path])).stderr).to.include('list, show, set, delete');
    expect((await place.here(['positions', 'set', '--topic', 'Account', '-c', path])).stderr).to.include('--to');
    const named = ['positions', 'set', '--topic', 'Account', '--name', 'defualt', '--to', 'earliest', '-c', path];
    const refused = await place.here(named);
    expect(refused).to.include({ code: 2 });
    expect(refused.stderr).to.include('Did you mean default? There is default. If it is meant, give --force.');
    const list = async () => JSON.parse(await done(['positions', 'list', '--json', '-c', path])) as unknown[];
    expect(await list()).to.have.length(0);
    await done([...named, '--force']);
    expect(await list()).to.have.length(1);
    await done(['positions', 'delete', '--name', 'defualt', '-c', path]);
    const misspelt = ['positions', 'set', '--topic', 'Acount', '--to', 'earliest', '-c', path];
    expect(await place.here(misspelt)).to.deep.include({
      code: 2,
      stderr:
        'error: positions set --topic Acount: no topic of the configuration is this one. Did you mean Account? ' +
        'If it is meant, give its whole name: /data/AcountChangeEvent.\n',
    });
    expect((await place.here(['positions', 'delete', '-c', path])).stderr).to.include('There is no position');
  });
});

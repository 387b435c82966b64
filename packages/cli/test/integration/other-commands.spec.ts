import { expect } from 'chai';
import { scriptOf } from '../../src/commands/sibling.js';
import { rxforceHere } from '../support/rxforce.js';
import { Workplace } from '../support/workplace.js';

describe('A command that needs an action', () => {
  for (const [command, actions] of [
    ['positions', 'list, show, set, delete'],
    ['dlq', 'list, show, export, discard, redrive'],
  ] as const) {
    it(`names its actions, when it gets none, or another one: ${command}`, async () => {
      expect(await rxforceHere([command])).to.deep.equal({
        ...{ code: 2, stdout: '', stderr: `error: ${command} needs an action. There are ${actions}.\n` },
      });
      for (const other of ['nonsense', 'toString']) {
        expect((await rxforceHere([command, other])).stderr).to.equal(
          `error: ${command} ${other}: there is no such action. There are ${actions}.\n`,
        );
      }
      expect((await rxforceHere(['--help'])).stdout).to.match(new RegExp(`^  ${command} <action> `, 'm'));
      expect((await rxforceHere([command, '--help'])).stdout).to.include(`Usage: rxforce ${command} <action> `);
    });
  }
});

describe('rxforce snapshot --again', () => {
  let place: Workplace;

  beforeEach(async () => (place = await Workplace.open({ keepaliveMs: 200 })));
  afterEach(() => place.close());

  const config = () =>
    place.file(
      'config.yaml',
      `salesforce: {}
topics: [{ topic: Account, name: crm, snapshot: true, query_lag_ms: 0 }, Lead]
processing: { commit_interval_ms: 0, replay_storage_path: ${place.folder}/replay }
`,
    );
  const again = (path: string, object = 'Account', name = 'crm', ...more: string[]) =>
    place.here(['snapshot', object, '--again', name, '-c', path, ...more]);
  /** Runs until a change that comes after all that was there, and gives the names of the records that were read. */
  const runUntil = async (path: string, last: string) => {
    const command = place.start(['run', path, '--only', 'Account']);
    await command.until(({ stderr }) => stderr.includes('live'));
    const typeOf = (name: string) => command.events.find(({ data }) => data.Name === name)?.header?.changeType;
    // What is made while records are read may come as one of them. Events come after all of them.
    for (let name = last; typeOf(name) !== 'CREATE'; name += '+') {
      place.emulator.org.create('Account', { Name: name });
      await command.until(() => typeOf(name) !== undefined);
      if (typeOf(name) === 'CREATE') break;
    }
    const { code, stderr } = await command.kill();
    expect(code, stderr).to.equal(0);
    const read = command.events.filter(({ header }) => header?.changeType === 'SNAPSHOT');
    return read.map(({ data }) => data.Name);
  };

  it('lets the next run read all records again, and changes nothing of its position', async () => {
    const path = config();
    place.emulator.org.create('Account', [{ Name: 'a' }, { Name: 'b' }]);
    expect(await runUntil(path, 'c')).to.include.members(['a', 'b']);
    expect(await runUntil(path, 'd')).to.deep.equal([]);
    const asked = await again(path);
    expect(asked.code, asked.stderr).to.equal(0);
    expect(asked.stderr).to.include('reads Account again');
    expect(await runUntil(path, 'e')).to.include.members(['a', 'b', 'c', 'd']);
  });

  it('is refused while the topic runs, and where no topic of this name reads the records', async () => {
    const path = config();
    const command = place.start(['run', path, '--only', 'Account']);
    await command.until(({ stderr }) => stderr.includes('live'));
    expect(await again(path)).to.include({ code: 1 });
    await command.kill();
    expect((await again(path, 'Account', 'crn')).stderr).to.include('There is crm.');
    expect((await again(path, 'Lead', 'default')).stderr).to.include('snapshot: true');
    expect(await again(path, 'Account', 'crm', '--where', 'x')).to.include({ code: 2 });
  });
});

describe('rxforce codegen and rxforce emulator', () => {
  let place: Workplace;
  before(async () => (place = await Workplace.open()));
  after(() => place.close());

  it('run the commands of these packages, with all arguments and their exit codes', async () => {
    const help = await place.here(['codegen', '--help'], { PATH: process.env.PATH ?? '' });
    expect(help.code, help.stderr).to.equal(0);
    expect(help.stdout).to.include('rxforce-codegen');
    const wrong = await place.here(['emulator', '--grpc-port', 'x']);
    expect(wrong.code).to.equal(1);
    expect(wrong.stderr).to.include('Give a whole number');
  });

  it('end with the signal that ends rxforce', async () => {
    const command = place.start(['emulator', '--plaintext']);
    await command.until(({ stdout }) => stdout.includes('grpcEndpoint'));
    expect((await command.kill('SIGTERM')).code).to.equal(0);
  });

  it('say what to install, where the package is not there', () => {
    const missing = () => {
      throw new Error('Cannot find package');
    };
    expect(() => scriptOf('codegen', missing)).to.throw('npm install --save-dev @rxforce/codegen');
    expect(scriptOf('emulator', () => 'file:///app/node_modules/@rxforce/emulator/dist/index.js')).to.equal(
      '/app/node_modules/@rxforce/emulator/bin/rxforce-emulator.js',
    );
  });
});

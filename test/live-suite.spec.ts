import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { startEmulator, type Emulator } from '@rxforce/emulator';
import { root } from './support/built.js';
import { bundled, localEnvironment } from './support/bundled.js';

interface Outcome {
  readonly exitCode: number | string | null;
  readonly passed: number;
  readonly pending: number;
  readonly output: string;
}

type Variables = Readonly<Record<string, string>>;

/** Runs the suite as users do. */
const runByName = (variables: Variables) => run('npm', ['run', '--silent', 'test:live'], variables);

/** Runs the suite, made into one file: that takes a sixth of the CPU time until its tests begin. */
function runSuite(variables: Variables): Promise<Outcome> {
  const suite = bundled(new URL('live/org.live.ts', import.meta.url));
  const mocha = join(root, 'node_modules/mocha/bin/mocha.js');
  return run(process.execPath, [mocha, '--no-config', '--timeout', '900000', '--exit', suite], variables);
}

/** Runs a command with these variables and no other of ours. */
function run(command: string, args: readonly string[], variables: Variables): Promise<Outcome> {
  const others = Object.entries(localEnvironment()).filter(([name]) => !name.startsWith('RXFORCE_'));
  const env = { ...Object.fromEntries(others), ...variables };
  return new Promise((resolve) => {
    execFile(command, args, { cwd: root, env }, (error, stdout, stderr) => {
      const count = (word: string) => Number(new RegExp(`(\\d+) ${word}`).exec(stdout)?.[1] ?? 0);
      resolve({
        exitCode: error ? (error.code ?? null) : 0,
        passed: count('passing'),
        pending: count('pending'),
        output: `${stdout}${stderr}`,
      });
    });
  });
}

/** How many tests there are. */
const TESTS = 5;

describe('The live suite', function () {
  this.timeout(360_000);
  let emulator: Emulator;
  let folder = '';

  beforeEach(async () => {
    // Keepalives come before schemas do: nothing may go by how fast an org is.
    emulator = await startEmulator({ seed: 1, keepaliveMs: 1 });
    folder = mkdtempSync(join(tmpdir(), 'rxforce-live-suite-'));
    writeFileSync(join(folder, 'ca.pem'), emulator.ca ?? '');
  });
  afterEach(async () => {
    await emulator.stop();
    rmSync(folder, { recursive: true });
  });

  const access = () => ({
    RXFORCE_LOGIN_URL: emulator.httpUrl,
    RXFORCE_ENDPOINT: emulator.grpcEndpoint,
    RXFORCE_CA_FILE: join(folder, 'ca.pem'),
    RXFORCE_CLIENT_ID: emulator.credentials.clientId,
  });

  const named = {
    RXFORCE_LIVE_CHANGE_TOPIC: 'Account',
    RXFORCE_LIVE_EVENT_TOPIC: '/event/Order_Event__e',
    RXFORCE_LIVE_MANAGED: 'Live_Check',
  };

  const makeEvents = () => {
    emulator.managedSubscriptions.create('Live_Check', {
      topicName: '/data/AccountChangeEvent',
      defaultReplay: 'EARLIEST',
    });
    for (let index = 0; index < 8; index++) emulator.org.create('Account', { Name: `account ${index}` });
  };

  it('shows everything, and skips nothing, where the environment names all that it takes', async () => {
    makeEvents();
    const secret = { RXFORCE_CLIENT_SECRET: emulator.credentials.clientSecret };
    const { exitCode, passed, pending, output } = await runByName({ ...access(), ...secret, ...named });
    expect({ exitCode, passed, pending }, output).to.deep.equal({ exitCode: 0, passed: TESTS, pending: 0 });
    expect(output).to.include('Nothing was skipped.').and.not.include(secret.RXFORCE_CLIENT_SECRET);
  });

  it('logs in by a private key, too, and by a session', async () => {
    const { username, privateKeyPath, accessToken, instanceUrl } = emulator.credentials;
    const { RXFORCE_ENDPOINT, RXFORCE_CA_FILE } = access();
    const logins = [
      { ...access(), RXFORCE_USERNAME: username, RXFORCE_PRIVATE_KEY_FILE: privateKeyPath },
      { RXFORCE_ENDPOINT, RXFORCE_CA_FILE, RXFORCE_ACCESS_TOKEN: accessToken, RXFORCE_INSTANCE_URL: instanceUrl },
    ];
    const runs = logins.map((login) => runSuite({ ...login, RXFORCE_LIVE_CHANGE_TOPIC: 'Account' }));
    for (const { exitCode, passed, output } of await Promise.all(runs)) {
      expect({ exitCode, passed }, output).to.deep.equal({ exitCode: 0, passed: 2 });
    }
  });

  it('skips everything and says so, where the environment names no org, and that is no failure', async () => {
    const { exitCode, passed, pending, output } = await runSuite(named);
    expect({ exitCode, passed, pending }, output).to.deep.equal({ exitCode: 0, passed: 0, pending: TESTS });
    expect(output).to.include('Skipped, as no org is named. Set RXFORCE_ACCESS_TOKEN or RXFORCE_CLIENT_SECRET');
    expect(output).to.include('- goes on behind the event that was committed last');
  });

  it('says which variable is missing for what it skips', async () => {
    const secret = { RXFORCE_CLIENT_SECRET: emulator.credentials.clientSecret };
    const { exitCode, pending, output } = await runSuite({ ...access(), ...secret });
    expect({ exitCode, pending }, output).to.deep.equal({ exitCode: 0, pending: TESTS });
    for (const variable of Object.keys(named)) expect(output).to.include(`Skipped, as ${variable} is not set.`);
  });

  it('says what to do in the org, where it has too few events to show something', async () => {
    emulator.managedSubscriptions.create('Live_Check', { topicName: '/data/AccountChangeEvent' });
    const secret = { RXFORCE_CLIENT_SECRET: emulator.credentials.clientSecret };
    const { exitCode, passed, pending, output } = await runSuite({ ...access(), ...secret, ...named });
    expect({ exitCode, passed, pending }, output).to.deep.equal({ exitCode: 0, passed: TESTS - 2, pending: 2 });
    expect(output).to.include('Account has had fewer than two events').and.include('nothing came on Live_Check');
  });

  it('fails, where the environment begins to name an org and something is missing, or the login is refused', async () => {
    const [incomplete, refused] = await Promise.all([
      runSuite({ RXFORCE_CLIENT_SECRET: 'secret', ...named }),
      runSuite({ ...access(), RXFORCE_CLIENT_SECRET: 'wrong', ...named }),
    ]);
    expect(incomplete.exitCode, incomplete.output).to.equal(TESTS);
    expect(incomplete.output).to.include('RXFORCE_CLIENT_ID');
    expect(refused.exitCode, refused.output).to.equal(TESTS);
    expect(refused.output).to.include('AuthenticationError');
  });

  it('fails, where the org does not do what it is to show', async () => {
    makeEvents();
    const secret = { RXFORCE_CLIENT_SECRET: emulator.credentials.clientSecret };
    const wrong = { ...named, RXFORCE_LIVE_CHANGE_TOPIC: 'Nothing__c', RXFORCE_LIVE_MANAGED: 'Not_There' };
    const { exitCode, passed, output } = await runSuite({ ...access(), ...secret, ...wrong });
    expect({ exitCode, passed }, output).to.deep.equal({ exitCode: TESTS - 1, passed: 1 });
  });
});

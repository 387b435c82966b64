import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

const root = fileURLToPath(new URL('..', import.meta.url));
const NAMES = ['core', 'operators', 'emulator', 'replay-redis'];

const BODY = `
  const emulator = await startEmulator();
  emulator.org.create('Account', { Name: 'Acme' });
  const { credentials, httpUrl, grpcEndpoint, ca } = emulator;
  const auth = clientCredentials({ ...credentials, loginUrl: httpUrl });
  const client = createClient({ auth, endpoint: grpcEndpoint, tls: { ca } });
  client
    .changes('Account', { replay: 'earliest' })
    .pipe(handle(async ({ data }) => data.Name), limit(1))
    .subscribe({
      next: (name) => console.log(name),
      complete: () => { client.close(); emulator.stop(); },
    });
`;

describe('The packed packages', function () {
  this.timeout(120_000);
  let folder = '';

  before(() => {
    execFileSync('npm', ['run', '--silent', 'build'], { cwd: root, stdio: 'pipe' });
    folder = mkdtempSync(join(tmpdir(), 'rxforce-packed-'));
    const modules = join(folder, 'node_modules');
    mkdirSync(join(modules, '@rxforce'), { recursive: true });
    // What a package manager would install beside them is here already.
    for (const name of readdirSync(join(root, 'node_modules'))) {
      if (name !== '@rxforce' && !name.startsWith('.'))
        symlinkSync(join(root, 'node_modules', name), join(modules, name));
    }
    for (const name of NAMES) {
      const packed = execFileSync('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], {
        cwd: join(root, 'packages', name),
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      const [{ filename }] = JSON.parse(packed.toString()) as [{ filename: string }];
      const target = join(modules, '@rxforce', name);
      mkdirSync(target);
      execFileSync('tar', ['-xzf', join(folder, filename), '-C', target, '--strip-components=1']);
    }
  });

  after(() => rmSync(folder, { recursive: true, force: true }));

  const run = (file: string, text: string) => {
    writeFileSync(join(folder, file), text);
    return execFileSync(process.execPath, ['--no-warnings', file], { cwd: folder }).toString();
  };

  it('run a pipeline, imported as ES modules', () => {
    const imports = `import { clientCredentials, createClient } from '@rxforce/core';
      import { startEmulator } from '@rxforce/emulator';
      import { handle, limit } from '@rxforce/operators';`;
    expect(run('app.mjs', imports + BODY)).to.equal('Acme\n');
  });

  it('run a pipeline, required as CommonJS', () => {
    const requires = `const { clientCredentials, createClient } = require('@rxforce/core');
      const { startEmulator } = require('@rxforce/emulator');
      const { handle, limit } = require('@rxforce/operators');`;
    expect(run('app.cjs', `${requires}(async () => {${BODY}})();`)).to.equal('Acme\n');
  });

  it('give what is for Redis, imported and required', () => {
    const names = 'redisDeadLetterQueue, redisLease, redisReplayStore';
    const print = `console.log([${names}].map((each) => typeof each).join());`;
    const expected = 'function,function,function\n';
    expect(run('redis.mjs', `import { ${names} } from '@rxforce/replay-redis'; ${print}`)).to.equal(expected);
    expect(run('redis.cjs', `const { ${names} } = require('@rxforce/replay-redis'); ${print}`)).to.equal(expected);
  });

  it('hold no specs, and the wire contract where it is loaded', () => {
    for (const name of NAMES) {
      const files = readdirSync(join(folder, 'node_modules/@rxforce', name), { recursive: true }).map(String);
      expect(files.filter((file) => file.includes('.spec.'))).to.deep.equal([]);
      expect(files).to.include.members(['LICENSE', 'README.md', 'dist/index.js', 'dist/index.d.ts']);
      expect(files.includes('proto/pubsub_api.proto')).to.equal(name === 'core' || name === 'emulator');
    }
  });

  it('keep everything else closed', () => {
    const closed = "import('@rxforce/core/dist/client.js').catch(({ code }) => console.log(code));";
    expect(run('closed.mjs', closed)).to.equal('ERR_PACKAGE_PATH_NOT_EXPORTED\n');
  });

  it('hold copies of the wire contract that are up to date', () => {
    const copyOf = (name: string) => readFileSync(join(root, 'packages', name, 'proto/pubsub_api.proto'), 'utf8');
    const original = readFileSync(join(root, 'proto/pubsub_api.proto'), 'utf8');
    expect([copyOf('core'), copyOf('emulator')]).to.deep.equal([original, original]);
  });
});

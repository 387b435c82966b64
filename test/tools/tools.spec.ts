import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startEmulator, type Emulator } from '@rxforce/emulator';
import { expect } from 'chai';
import { root } from '../support/built.js';
import { NAMES } from '../support/packed.js';
import { allApps, filesOfApps, putApp, runScript } from './support/apps.js';
import { newToolsFolder, TOOLS } from './support/tools-folder.js';

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
}
interface Lock {
  readonly packages: Readonly<Record<string, { readonly version?: string }>>;
}

const READ = 'read a,b of /data/AccountChangeEvent (code)';
const read = <T>(...path: string[]) => JSON.parse(readFileSync(join(root, ...path), 'utf8')) as T;

describe('The tools of applications', function () {
  this.timeout(600_000);
  let tools = '';
  let emulator: Emulator;
  let variables: NodeJS.ProcessEnv;

  before(async () => {
    tools = newToolsFolder();
    emulator = await startEmulator();
    for (const Name of ['a', 'b']) {
      emulator.org.create('Account', { Name: 'small', AnnualRevenue: 5 });
      emulator.org.create('Account', { Name, AnnualRevenue: 5_000 });
    }
    const { credentials, httpUrl, grpcEndpoint, ca = '' } = emulator;
    mkdirSync(join(tools, 'org'));
    writeFileSync(join(tools, 'org/ca.pem'), ca);
    variables = {
      RXFORCE_ENDPOINT: grpcEndpoint,
      RXFORCE_CA_FILE: join(tools, 'org/ca.pem'),
      RXFORCE_LOGIN_URL: httpUrl,
      RXFORCE_CLIENT_ID: credentials.clientId,
      RXFORCE_USERNAME: credentials.username,
      RXFORCE_PRIVATE_KEY_FILE: credentials.privateKeyPath,
      SF_PASSWORD: credentials.password,
      SF_SECURITY_TOKEN: credentials.securityToken,
      NEXT_TELEMETRY_DISABLED: '1',
    };
  });

  after(async () => {
    await emulator.stop();
    rmSync(tools, { recursive: true, force: true });
  });

  for (const { name, scripts } of allApps()) {
    describe(name, () => {
      before(() => putApp(name, tools));

      for (const [title, script] of Object.entries(scripts)) {
        it(`runs a pipeline of the packed packages (${title})`, async () => {
          const { code, output } = await runScript(script, join(tools, name), variables);
          expect(code, output).to.equal(0);
          expect(output.includes(READ), output).to.equal(true);
        });
      }
    });
  }

  it('have what the packages need, in the versions that the packages are tested with', () => {
    const { packages } = read<Lock>('package-lock.json');
    const { dependencies: given = {} } = read<Manifest>('test/tools/package.json');
    // ESLint loads its plugin, and no application does.
    for (const name of NAMES.filter((each) => each !== 'eslint-plugin')) {
      const manifest = read<Manifest>('packages', name, 'package.json');
      const { dependencies = {}, peerDependencies = {}, peerDependenciesMeta: meta = {} } = manifest;
      for (const needed of Object.keys({ ...dependencies, ...peerDependencies })) {
        if (needed.startsWith('@rxforce/') || meta[needed]?.optional === true) continue;
        const installed = packages[`packages/${name}/node_modules/${needed}`] ?? packages[`node_modules/${needed}`];
        expect(given[needed], `${needed} in ${TOOLS}/package.json`).to.equal(installed?.version);
      }
    }
  });

  describe('The guide', () => {
    const guide = readFileSync(join(root, 'docs/guides/bundlers.md'), 'utf8');
    const blocks = [...guide.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(([, language, text]) => ({
      language,
      text: text!.trim(),
    }));

    it('shows only settings that are tested here', () => {
      const files = filesOfApps().map((text) => text.trim());
      const settings = blocks.filter(({ language }) => language === 'js' || language === 'json');
      expect(settings).to.have.length.above(5);
      for (const { text } of settings) expect(files).to.include(text);
    });

    it('shows only commands that are tested here', () => {
      const scripts = allApps().flatMap((app) => Object.values(app.scripts).flatMap((script) => script.split(' && ')));
      const commands = blocks.filter(({ language }) => language === 'sh').flatMap(({ text }) => text.split('\n'));
      expect(commands).to.have.length.above(2);
      for (const command of commands) expect(scripts).to.include(command.replace(/^npx /, ''));
    });
  });
});

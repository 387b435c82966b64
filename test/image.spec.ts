import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { startEmulator, type Emulator } from '@rxforce/emulator';
import { parse } from 'yaml';
import { parseConfiguration } from '../packages/cli/src/config/configuration.js';
import { lineOf } from '../packages/cli/src/config/place.js';
import { environmentOf } from '../packages/emulator/src/env-file.js';
import { IMAGES, writeImage } from '../scripts/image/app.js';
import { root } from './support/built.js';
import { ofKeyword, stagesOf, type Stage } from './support/dockerfile.js';
import { packedOnce } from './support/packed.js';

const FILE = join(root, 'deploy/Dockerfile');
const stages = stagesOf(FILE);
const stage = (name: string): Stage => stages.find((each) => each.name === name)!;
/** The stages that are images. */
const FINAL = ['rxforce', 'emulator'];

describe('deploy/Dockerfile', () => {
  it('copies only from stages before and from paths that are there', () => {
    const missing = stages.flatMap((each, index) =>
      ofKeyword(each, 'COPY')
        .filter(({ args, flags }) =>
          flags.from === undefined
            ? args.slice(0, -1).some((path) => !existsSync(join(root, path)))
            : !stages.slice(0, index).some(({ name }) => name === flags.from),
        )
        .map(({ text }) => text),
    );
    expect(missing).to.deep.equal([]);
  });

  it('copies between stages only what is made there', () => {
    const copied = (name: string) => ofKeyword(stage(name), 'COPY').flatMap(({ args }) => args[0]);
    const folders = [...copied('rxforce-app'), ...copied('emulator-app')].filter((path) => path?.startsWith('/src/'));
    expect(folders).to.deep.equal(Object.keys(IMAGES).map((name) => `/src/dist/image/${name}/`));
    for (const name of FINAL) expect(copied(name)).to.deep.equal(['/app']);
  });

  for (const name of FINAL) {
    it(`gives ${name} a user without rights, and its signals`, () => {
      const { instructions } = stage(name);
      const last = (keyword: string) => ofKeyword(stage(name), keyword).at(-1);
      expect(last('USER')?.text).to.match(/^[1-9]\d{3,}:[1-9]\d{3,}$/);
      // What is copied belongs to root, so that the process cannot change it.
      const userAt = instructions.findIndex(({ keyword }) => keyword === 'USER');
      expect(instructions.slice(userAt).some(({ keyword }) => ['COPY', 'ADD', 'RUN'].includes(keyword))).to.equal(
        false,
      );
      expect(instructions.every(({ flags }) => flags.chown === undefined)).to.equal(true);
      expect(last('ENTRYPOINT')).to.include({ isJson: true });
      expect(last('ENTRYPOINT')?.args[0]).to.equal('node');
      expect(last('STOPSIGNAL')?.text).to.equal('SIGTERM');
    });
  }

  it('has no secrets in its layers, and one version of Node in all stages', () => {
    const named = stages.flatMap((each) => [...ofKeyword(each, 'ENV'), ...ofKeyword(each, 'ARG')]);
    expect(named.filter(({ text }) => /secret|token|password|key\b/i.test(text))).to.deep.equal([]);
    expect(new Set(stages.map(({ image }) => image)).size).to.equal(1);
    expect(stages.at(-1)?.name).to.equal('rxforce');
  });

  it('lets nothing into the build that is made or installed outside of it', () => {
    const ignored = readFileSync(`${FILE}.dockerignore`, 'utf8').split('\n');
    expect(ignored).to.include.members(['.git', '**/node_modules', '**/dist', '**/*.tsbuildinfo']);
  });
});

describe('deploy/compose.yaml', () => {
  interface Service {
    readonly build?: { readonly context: string; readonly dockerfile: string; readonly target: string };
    readonly image?: string;
    readonly command?: readonly string[];
    readonly volumes?: readonly string[];
    readonly healthcheck?: object;
    readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
    readonly network_mode?: string;
    readonly environment?: Readonly<Record<string, string>>;
  }
  const folder = join(root, 'deploy');
  const { services, volumes } = parse(readFileSync(join(folder, 'compose.yaml'), 'utf8')) as {
    readonly services: Readonly<Record<string, Service>>;
    readonly volumes: object;
  };

  it('builds stages that are there, and mounts files and volumes that are there', () => {
    for (const { build, image, volumes: mounted = [] } of Object.values(services)) {
      expect(build === undefined).to.equal(image !== undefined);
      if (build) {
        expect(stages.map(({ name }) => name)).to.include(build.target);
        expect(join(folder, build.context, build.dockerfile)).to.equal(FILE);
      }
      for (const [source = ''] of mounted.map((text) => text.split(':'))) {
        expect(source.startsWith('.') ? existsSync(join(folder, source)) : source in volumes, source).to.equal(true);
      }
    }
  });

  it('has a configuration that is right, with the variables that the emulator writes', () => {
    const { environment = {} } = services.rxforce!;
    const emulated = environmentOf(
      {
        grpcEndpoint: 'localhost:7011',
        httpUrl: 'http://localhost:7080',
        credentials: { clientId: 'app', clientSecret: 'of-the-app', privateKeyPath: '/tmp/key' } as never,
      },
      { plaintext: true, caFile: undefined },
    );
    const text = readFileSync(join(folder, 'playground/config.yaml'), 'utf8');
    const loaded = parseConfiguration(text, { file: 'config.yaml', environment: { ...environment, ...emulated } });
    if (loaded.err) throw new Error(loaded.val.map(lineOf).join('\n'));
    expect(loaded.val.configuration.pubsub).to.include({ host: 'localhost', port: 7011, insecure: true });
    expect(loaded.val.hints).to.deep.equal([]);
  });

  it('starts rxforce once all that it needs can be used', () => {
    const { depends_on: needs = {}, network_mode: network } = services.rxforce!;
    expect(network).to.equal('service:emulator');
    for (const [name, { condition }] of Object.entries(needs)) {
      expect(condition).to.equal('service_healthy');
      expect(services[name]?.healthcheck).to.be.an('object');
    }
    expect(Object.keys(needs)).to.have.members(Object.keys(services).filter((name) => name !== 'rxforce'));
  });
});

/** A process that was started as a container is. */
class Contained {
  stdout = '';
  stderr = '';
  private readonly changed = new EventEmitter();
  private readonly child: ChildProcess;
  readonly ended: Promise<number | null>;

  constructor(command: readonly string[], cwd: string, environment: Readonly<Record<string, string>>) {
    const [name = '', ...args] = command;
    this.child = spawn(name, args, { cwd, env: { PATH: process.env.PATH, ...environment } });
    this.child.stdout?.on('data', (chunk: Buffer) => this.took('stdout', chunk));
    this.child.stderr?.on('data', (chunk: Buffer) => this.took('stderr', chunk));
    this.ended = once(this.child, 'close').then(([code]) => (this.changed.emit('change'), code as number | null));
  }

  async until(isThere: (self: Contained) => boolean): Promise<void> {
    while (!isThere(this)) {
      if (this.child.exitCode !== null) throw new Error(`It has ended: ${this.stderr}`);
      await once(this.changed, 'change');
    }
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  private took(stream: 'stdout' | 'stderr', chunk: Buffer): void {
    this[stream] += chunk.toString();
    this.changed.emit('change');
  }
}

describe('The steps of deploy/Dockerfile, in an empty folder', function () {
  this.timeout(300_000);
  const started: Contained[] = [];
  let folder: string;
  let emulator: Emulator;

  const here = (path: string) => path.replaceAll('/app', join(folder, 'app')).replaceAll('/etc', join(folder, 'etc'));
  /** Runs what a stage runs, in the folder that stands for `/app`. */
  const runSteps = (name: string, at: string) => {
    for (const { text } of ofKeyword(stage(name), 'RUN')) {
      const env = { ...process.env, npm_config_prefer_offline: 'true', npm_config_loglevel: 'error' };
      execFileSync('sh', ['-c', text], { cwd: join(folder, at), env, stdio: ['ignore', 'ignore', 'inherit'] });
    }
  };
  const commandOf = (name: string, ...args: readonly string[]) => {
    const [entrypoint] = ofKeyword(stage(name), 'ENTRYPOINT');
    const [command] = ofKeyword(stage(name), 'CMD');
    return [...entrypoint!.args, ...(args.length > 0 ? args : (command?.args ?? []))].map(here);
  };
  const start = (command: readonly string[], environment: Readonly<Record<string, string>> = {}) => {
    const { grpcEndpoint, httpUrl, credentials } = emulator;
    const process = new Contained(command, join(folder, 'state'), {
      ...{ RXFORCE_ENDPOINT: grpcEndpoint, RXFORCE_INSECURE: '1', RXFORCE_LOGIN_URL: httpUrl, RXFORCE_HTTP__PORT: '0' },
      ...{ RXFORCE_CLIENT_ID: credentials.clientId, RXFORCE_CLIENT_SECRET: credentials.clientSecret },
      ...environment,
    });
    started.push(process);
    return process;
  };

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'rxforce-image-'));
    for (const name of ['state', 'etc/rxforce']) mkdirSync(join(folder, name), { recursive: true });
    writeImage(join(folder, 'app'), IMAGES.rxforce, packedOnce());
    cpSync(join(root, 'deploy/image/bin'), join(folder, 'app/bin'), { recursive: true });
    runSteps('rxforce-app', 'app');
    symlinkSync(join(folder, 'app/node_modules'), join(folder, 'node_modules'));
    emulator = await startEmulator({ seed: 1, tls: false });
  });
  after(async () => {
    started.forEach((process) => process.signal('SIGKILL'));
    await Promise.all(started.map(({ ended }) => ended));
    await emulator.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const config = (text: string) => writeFileSync(join(folder, 'etc/rxforce/config.yaml'), text);

  it('give what checks a configuration, reads events through a module of the user, and ends with 0 at SIGTERM', async () => {
    config(`salesforce: {}
topics: [{ topic: Account, pipeline: ./names.js, sink: stdout }]
processing: { replay_from: earliest }
`);
    writeFileSync(join(folder, 'etc/rxforce/package.json'), '{ "type": "module" }');
    writeFileSync(
      join(folder, 'etc/rxforce/names.js'),
      `import { filter } from 'rxjs';
export default (events$) => events$.pipe(filter(({ data }) => data.Name !== 'no'));\n`,
    );
    emulator.org.create('Account', [{ Name: 'no' }, { Name: 'yes' }]);
    const checked = start(commandOf('rxforce', 'check', '/etc/rxforce/config.yaml', '--connect'));
    expect(await checked.ended, checked.stdout + checked.stderr).to.equal(0);
    const run = start(commandOf('rxforce'));
    await run.until(({ stdout }) => stdout.includes('"Name":"yes"'));
    const [, url = ''] = /probes and metrics are at (http:\S+)/.exec(run.stderr) ?? [];
    const [health] = ofKeyword(stage('rxforce'), 'HEALTHCHECK');
    const probe = (JSON.parse(health!.text.replace(/^CMD /, '')) as string[]).map(here);
    expect(await start(probe, { HEALTH_URL: `${url}/livez` }).ended).to.equal(0);
    expect(await start(probe, { HEALTH_URL: `${url}/nothing` }).ended).to.equal(1);
    run.signal('SIGTERM');
    expect(await run.ended, run.stderr).to.equal(0);
    expect(run.stdout).not.to.include('"Name":"no"');
    expect(existsSync(join(folder, 'state/replay'))).to.equal(true);
  });

  it('give all that the playground and the overlays for Kubernetes load', () => {
    const libraries = ['ioredis', 'pg', '@rxforce/sql', '@rxforce/replay-redis', '@opentelemetry/sdk-metrics'];
    for (const name of libraries) expect(existsSync(join(folder, 'app/node_modules', name)), name).to.equal(true);
    expect(existsSync(join(folder, 'app/node_modules/typescript'))).to.equal(false);
  });

  it('list what is in the image', () => {
    const { components } = JSON.parse(readFileSync(join(folder, 'app/sbom.json'), 'utf8')) as {
      readonly components: readonly { readonly name: string }[];
    };
    expect(components.map(({ name }) => name)).to.include.members(['@rxforce/cli', 'ioredis', 'commander']);
  });
});

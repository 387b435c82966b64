import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { expect } from 'chai';
import { firstValueFrom } from 'rxjs';
import { createClient, staticSession, type PubSubClient } from '@rxforce/core';
import { startEmulator, type Emulator } from '@rxforce/emulator';
import { environmentOf, rxforceCodegen, rxforceCodegenHere } from '../packages/codegen/test/support/codegen-command.js';
import { mistakesIn } from '../packages/codegen/test/support/compiler.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const page = readFileSync(join(root, 'docs/guides/typed-payloads.md'), 'utf8');

/** What the page uses without declaring it: it says so in words. */
const GIVEN = `
declare const client: import('@rxforce/core').PubSubClient;
declare const save: (event: unknown) => Promise<void>;
export {};`;

/** The blocks of the page in a language, of one kind or another: `run`, `output`. */
const blocks = (language: string, kind = ''): readonly string[] => {
  const fence = `${language}${kind === '' ? '' : ` ${kind}`}`;
  return [...page.matchAll(new RegExp(`^\`\`\`${fence}\\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map(([, code = '']) => code);
};

/** The commands of the page, without what comes before their arguments. */
const commands = blocks('sh')
  .flatMap((block) => block.split('\n'))
  .filter((line) => line.startsWith('npx @rxforce/codegen '))
  .map((line) => line.split(' ').slice(2));

describe('The page about typed payloads', function () {
  this.timeout(180_000);
  let emulator: Emulator;
  let client: PubSubClient;
  let folder: string;
  let salesforce: string;

  before(async () => {
    emulator = await startEmulator({ seed: 1, tls: false });
    const { accessToken, instanceUrl } = emulator.credentials;
    client = createClient({
      auth: staticSession({ accessToken, instanceUrl }),
      endpoint: emulator.grpcEndpoint,
      insecure: true,
    });
    folder = mkdtempSync(join(tmpdir(), 'rxforce-typed-'));
    mkdirSync(join(folder, 'src'));
    mkdirSync(join(folder, 'schemas'));
    writeFileSync(join(folder, 'schemas/AccountChangeEvent.avsc'), await schemaOf('Account'));
    await rxforceCodegen(commands[0]!, environmentOf(emulator), folder);
    salesforce = readFileSync(join(folder, 'src/salesforce.ts'), 'utf8');
  });

  after(async () => {
    client.close();
    rmSync(folder, { recursive: true });
    await emulator.stop();
  });

  const schemaOf = async (entity: string) => {
    const { schemaId } = await firstValueFrom(client.topic(entity));
    return (await firstValueFrom(client.schema(schemaId!))).json;
  };

  it('shows commands that work, one after the other', async () => {
    expect(commands).to.have.length(4);
    for (const command of commands) {
      expect(await rxforceCodegen(command, environmentOf(emulator), folder)).to.deep.equal({
        code: 0,
        stdout: '',
        stderr: '',
      });
    }
  });

  it('shows code that compiles with what the first of them writes', () => {
    const code = [...blocks('typescript', 'run'), ...blocks('typescript')];
    expect(code).to.have.length(4);
    const modules = Object.fromEntries(code.map((block, index) => [`block-${index}.ts`, block + GIVEN]));
    expect(mistakesIn({ 'salesforce.ts': salesforce, ...modules })).to.deep.equal([]);
  });

  it('shows what it writes, in order', () => {
    const [output = ''] = blocks('typescript', 'output');
    const pieces = output.split(/^ *…\n/m);
    expect(pieces).to.have.length(4);
    const places = pieces.map((piece) => salesforce.indexOf(piece));
    expect(places).not.to.include(-1);
    expect(places).to.deep.equal([...places].sort((a, b) => a - b));
  });

  it('shows a pipeline that handles the events that it says', async () => {
    const rome = emulator.org.create('Account', { Name: 'Acme', BillingAddress: { City: 'Rome' } });
    emulator.org.create('Account', { Name: 'Umbrella', BillingAddress: { City: 'Paris' } });
    const here = join(root, 'node_modules/.rxforce-docs');
    mkdirSync(here, { recursive: true });
    const file = join(here, `typed-${process.pid}.mts`);
    const handled = new Promise((resolve) => {
      const save = (event: unknown) => Promise.resolve(resolve(event));
      Object.assign(globalThis, { given: { client, save } });
    });
    writeFileSync(file, `const { client, save } = globalThis.given;\n${blocks('typescript', 'run').join('')}`);
    try {
      await import(pathToFileURL(file).href);
      expect(await handled)
        .to.have.nested.property('header.recordIds')
        .that.deep.equals([rome]);
    } finally {
      rmSync(file);
    }
  });

  it('names the variables of the environment that the command names, and no others', async () => {
    const { stdout } = await rxforceCodegenHere(['--help']);
    const variablesIn = (text: string) => [...new Set(text.match(/RXFORCE_\w+/g))].sort();
    expect(variablesIn(page)).to.deep.equal(variablesIn(stdout)).and.have.length(12);
  });
});

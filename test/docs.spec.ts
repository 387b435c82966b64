import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { expect } from 'chai';
import { clientCredentials, createClient, type ChangeEvent } from '@rxforce/core';
import { startEmulator, type Emulator } from '@rxforce/emulator';
import { bundled } from './support/bundled.js';
import { BLOCKS, givenTo, mistakesIn, type Block } from './support/page-code.js';
import { deadLinksIn, PAGES } from './support/pages.js';

const root = fileURLToPath(new URL('..', import.meta.url));
/** Where the code of the pages counts as being: packages are found from here, and nothing else looks at it. */
const folder = join(root, 'node_modules/.rxforce-docs');
const TOPIC = '/data/AccountChangeEvent';

describe('The pages', () => {
  it('show code that compiles', function () {
    this.timeout(180_000);
    expect(BLOCKS.length).to.be.greaterThan(15);
    expect(mistakesIn(BLOCKS)).to.deep.equal([]);
  });

  it('do not pass code that does not compile', function () {
    this.timeout(180_000);
    const wrong = { at: 'wrong', page: 'wrong', code: "client.changes('Account', { windwo: 1 });", kind: undefined };
    expect(mistakesIn([wrong])).to.have.length(1);
  });

  it('have npx find commands by the name of their package, as it does in an empty folder, too', () => {
    const texts = PAGES.map((page) => ({ page, text: readFileSync(join(root, page), 'utf8') }));
    expect(texts.filter(({ text }) => text.includes('npx @rxforce/'))).to.have.length.above(3);
    expect(texts.filter(({ text }) => text.includes('npx rxforce')).map(({ page }) => page)).to.deep.equal([]);
  });

  it('link to files and headings that are there', () => {
    expect(PAGES.flatMap(deadLinksIn)).to.deep.equal([]);
  });

  for (const block of BLOCKS.filter(({ kind, page }) => kind === 'run' && !page.includes('shutdown'))) {
    it(`show code that handles every event and leaves none unsettled (${block.at})`, () => handlesAll(block));
  }

  for (const block of BLOCKS.filter(({ kind }) => kind === 'test')) {
    it(`show tests that pass (${block.at})`, () => passes(block));
  }

  it('do not pass a test that fails, nor a block without one', async () => {
    const failing = "it('counts', () => Promise.reject(new Error('miscounted')));";
    const wrong = { at: 'wrong', kind: 'test' } as const;
    expect(await passes({ ...wrong, page: 'fails', code: failing }).catch(String)).to.include(
      'counts: Error: miscounted',
    );
    expect(await passes({ ...wrong, page: 'empty', code: "console.assert('it');" }).catch(String)).to.include(
      'no tests',
    );
  });

  it('show how to end on SIGTERM, so that the next process goes on right behind', async function () {
    this.timeout(90_000);
    const [block] = BLOCKS.filter(({ kind, page }) => kind === 'run' && page.includes('shutdown'));
    const emulator = await startEmulator({ seed: 1 });
    const cwd = mkdtempSync(join(tmpdir(), 'rxforce-docs-'));
    try {
      for (let index = 0; index < 500; index++) emulator.org.create('Account', { Name: `account ${index}` });
      const ids = emulator.log(TOPIC).map(({ id }) => id);
      const first = await runUntilTerminated(block!, emulator, cwd, 10);
      const [report = ''] = first.lines.slice(-1);
      expect(first.exitCode).to.equal(0);
      expect(report).to.match(/^Drained: \d+ events settled, 0 come again\.$/);
      const handled = first.lines.slice(0, -1);
      expect(handled).to.deep.equal(ids.slice(0, handled.length)).and.have.length.within(10, 400);
      const second = await runUntilTerminated(block!, emulator, cwd, 1);
      expect(second.lines[0]).to.equal(ids[handled.length]);
    } finally {
      rmSync(cwd, { recursive: true });
      await emulator.stop();
    }
  });
});

/** Runs a block against an emulator until every event is saved, and drains. */
async function handlesAll(block: Block): Promise<void> {
  const emulator = await startEmulator({ seed: 1 });
  const client = createClient({
    auth: clientCredentials({ loginUrl: emulator.httpUrl, ...emulator.credentials }),
    endpoint: emulator.grpcEndpoint,
    tls: { ca: emulator.ca ?? '' },
  });
  const saved: string[] = [];
  const work = async (event: unknown) => {
    await new Promise((resolve) => setTimeout(resolve, 1));
    saved.push((event as ChangeEvent).id);
  };
  const given = {
    client,
    changes$: client.changes('Account', { replay: 'earliest' }),
    emulator,
    save: work,
    archive: () => new Promise<void>(setImmediate),
    putAside: () => Promise.resolve(),
  };
  for (let index = 0; index < 20; index++) emulator.org.create('Account', { Name: `account ${index}` });
  const ids = emulator.log(TOPIC).map(({ id }) => id);
  Object.assign(globalThis, { given });
  const file = write(block, 'globalThis.given');
  try {
    await import(pathToFileURL(file).href);
    while (saved.length < ids.length) await new Promise((resolve) => setTimeout(resolve, 1));
    const { unsettled } = await client.drain();
    expect(unsettled).to.equal(0);
    expect([...saved].sort()).to.deep.equal([...ids].sort());
  } finally {
    rmSync(file);
    client.close();
    await emulator.stop();
  }
}

/** Runs the tests of a block, one after the other. */
async function passes(block: Block): Promise<void> {
  const tests: { readonly title: string; readonly test: () => unknown }[] = [];
  Object.assign(globalThis, { given: { it: (title: string, test: () => unknown) => tests.push({ title, test }) } });
  const file = write(block, 'globalThis.given');
  try {
    await import(pathToFileURL(file).href);
    if (tests.length === 0) throw new Error(`There are no tests in ${block.at}.`);
    for (const { title, test } of tests) {
      try {
        await test();
      } catch (error) {
        throw new Error(`${title}: ${String(error)}`, { cause: error });
      }
    }
  } finally {
    rmSync(file);
  }
}

/** Runs a block as a process, which prints each event that it saves, and sends it SIGTERM after some of them. */
async function runUntilTerminated(block: Block, emulator: Emulator, cwd: string, lines: number) {
  const { grpcEndpoint, httpUrl, ca, credentials } = emulator;
  const file = write(
    block,
    `await (async () => {
      const { clientCredentials, createClient } = await import('@rxforce/core');
      const { grpcEndpoint, httpUrl, ca, credentials } = JSON.parse(process.env.GIVEN);
      return {
        client: createClient({
          auth: clientCredentials({ loginUrl: httpUrl, ...credentials }),
          endpoint: grpcEndpoint,
          tls: { ca },
        }),
        save: async ({ id }) => {
          await new Promise((resolve) => setTimeout(resolve, 2));
          console.log(id);
        },
      };
    })()`,
    'ts',
  );
  const child = spawn(process.execPath, [bundled(pathToFileURL(file))], {
    env: { ...process.env, GIVEN: JSON.stringify({ grpcEndpoint, httpUrl, ca, credentials }) },
    cwd,
    stdio: ['ignore', 'pipe', 'inherit'],
    // A process that does not end must not outlive the test.
    timeout: 20_000,
    killSignal: 'SIGKILL',
  });
  const printed: string[] = [];
  createInterface(child.stdout).on('line', (line) => {
    printed.push(line);
    if (printed.length === lines) child.kill('SIGTERM');
  });
  const [exitCode] = (await once(child, 'close')) as [number | null];
  rmSync(file);
  return { lines: printed, exitCode };
}

/** Writes a block as a file, with what it is given. */
function write(block: Block, given: string, extension = 'mts'): string {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${basename(block.page, '.md')}-${process.pid}-${BLOCKS.indexOf(block)}.${extension}`);
  writeFileSync(file, `const { ${givenTo(block).join(', ')} } = ${given};\n${block.code}\nexport {};\n`);
  return file;
}

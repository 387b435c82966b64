import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { bundled, localEnvironment } from '../../../test/support/bundled.js';

const MAIN = new URL('../src/main.ts', import.meta.url);

/** How a run of the demo ended. */
interface Run {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** What it left in the folder for temporary files. */
  readonly left: readonly string[];
}

/** Runs the demo, and sends it a signal once it has told something. */
async function runDemo(
  args: readonly string[],
  tell?: { readonly at: string; readonly signal: NodeJS.Signals },
): Promise<Run> {
  const folder = mkdtempSync(join(tmpdir(), 'rxforce-demo-spec-'));
  const child = spawn(process.execPath, [bundled(MAIN), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...localEnvironment(), TMPDIR: folder },
  });
  let stdout = '';
  let stderr = '';
  let toTell = tell;
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
    if (!toTell || !stdout.includes(toTell.at)) return;
    child.kill(toTell.signal);
    toTell = undefined;
  });
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const exitCode = await new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)));
  const left = readdirSync(folder).filter((name) => name.startsWith('rxforce-'));
  rmSync(folder, { recursive: true, force: true });
  return { exitCode, stdout, stderr, left };
}

/** The numbers of a row of the report, one for each topic. */
function row({ stdout }: Run, name: string): number[] {
  const [, cells = ''] = new RegExp(`^[✓✗] ${name} +([\\d,]+ +[\\d,]+ +[\\d,]+) `, 'm').exec(stdout) ?? [];
  return cells.split(/ +/).map((cell) => Number(cell.replaceAll(',', '')));
}

const expectNothingMissed = (run: Run) => {
  const seen = `${run.stdout}\n${run.stderr}`;
  expect(run.stdout, seen).to.match(/^OK: lost 0, duplicated 0, out of order 0$/m);
  expect(run.stdout, seen).not.to.include('✗');
  expect(run.exitCode, seen).to.equal(0);
  expect(run.stderr).to.equal('');
  expect(run.left).to.deep.equal([]);
};

describe('The demo', function () {
  this.timeout(360_000);

  it('loses nothing and repeats nothing, while the server, the session, the connections and the client go', async () => {
    const run = await runDemo([]);
    expectNothingMissed(run);
    expect(run.stdout.match(/^ +[\d.]+ s {2}FAULT: /gm)).to.have.length(3);
    expect(run.stdout).to.match(/DEPLOYMENT: the client drains\n[\s\S]+ 0 left unsettled[\s\S]+ALL DONE/);
    expect(run.stdout).to.match(/waiting \d+ ms \(connection\) → connecting → live → committed$/m);
    expect(row(run, 'delivered')).to.deep.equal(row(run, 'made'));
    expect(row(run, 'left')).to.deep.equal([0, 0, 0]);
    expect(Math.max(...row(run, 'reconnects'))).to.be.greaterThan(0);
    // Two consumers, and the session that expired.
    expect(run.stdout).to.match(/^5,700 events, [\d,]+ handled, 3 faults, \d+ reconnects, 3 logins, \d+ commits, /m);
  });

  it('fails, when one event gets lost on the way, also when it is stopped before its end', async () => {
    const run = await runDemo(['--lose-one'], { at: 'FAULT: all sessions', signal: 'SIGTERM' });
    expect(run.exitCode, run.stderr).to.equal(1);
    expect(run.stdout).to.match(/^FAILED: lost 1, duplicated 0, out of order 0$/m);
    expect(run.stdout).to.include('✗ lost');
    expect(row(run, 'lost').filter((lost) => lost === 1)).to.have.length(1);
  });

  const moments = [
    { signal: 'SIGTERM', when: 'events are in work', at: 'connecting from earliest' },
    { signal: 'SIGINT', when: 'the server is away', at: 'FAULT: the server' },
    { signal: 'SIGTERM', when: 'the connections are half-open', at: 'FAULT: all connections' },
  ] as const;
  for (const { signal, when, at } of moments) {
    it(`drains, reports and leaves the rest to the next run, when it gets ${signal} while ${when}`, async () => {
      const run = await runDemo([], { at, signal });
      expectNothingMissed(run);
      expect(run.stdout).to.match(new RegExp(`${signal}: the client drains\\n[\\s\\S]+ 0 left unsettled`));
      expect(run.stdout).not.to.include('ALL DONE');
      const delivered = row(run, 'delivered');
      const left = row(run, 'left');
      expect(delivered.map((events, index) => events + left[index]!)).to.deep.equal(row(run, 'made'));
      expect(Math.max(...delivered)).to.be.greaterThan(0);
    });
  }
});

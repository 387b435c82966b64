import { expect } from 'chai';
import { runExample } from '../../../test/support/example.js';

/** Runs the example, and returns what it prints. */
function printed(...args: readonly string[]): Promise<string> {
  const scripts = ['main.ts', 'mirror.ts'].map((name) => new URL(`../src/${name}`, import.meta.url));
  return runExample({ scripts, args, timeoutMs: 320_000 });
}

describe('The example of a mirror', function () {
  this.timeout(360_000);
  let runs: Record<'SQLite' | 'PostgreSQL', Promise<string>>;

  // Both at once, as each waits most of the time.
  before(async () => {
    runs = { SQLite: printed(), PostgreSQL: printed('--postgres') };
    await Promise.allSettled(Object.values(runs));
  });

  for (const engine of ['SQLite', 'PostgreSQL'] as const) {
    it(`has a table that equals the org in the end, with ${engine}`, async () => {
      const stdout = await runs[engine];
      expect(stdout.match(/ killed while /g)).to.have.length(3);
      expect(stdout.match(/ records are read;/g)).to.have.length(2);
      expect(stdout).to.match(/ rows: 0 wrong, 0 missing, 0 left over\nOK\n$/);
    });
  }
});

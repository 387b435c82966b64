import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { bundled, localEnvironment } from '../../../test/support/bundled.js';

describe('The example of a mirror', function () {
  this.timeout(180_000);

  for (const args of [[], ['--postgres']]) {
    it(`has a table that equals the org in the end, with ${args[0] ?? 'SQLite'}`, async () => {
      const [main, mirror] = ['main.ts', 'mirror.ts'].map((name) =>
        bundled(new URL(`../src/${name}`, import.meta.url)),
      );
      const { stdout } = await promisify(execFile)(process.execPath, [main!, mirror!, ...args], {
        timeout: 150_000,
        env: localEnvironment(),
      });
      expect(stdout.match(/ killed while /g)).to.have.length(3);
      expect(stdout.match(/ records are read;/g)).to.have.length(2);
      expect(stdout).to.match(/ rows: 0 wrong, 0 missing, 0 left over\nOK\n$/);
    });
  }
});

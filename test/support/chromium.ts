import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { foundProgram } from './found-program.js';

const run = promisify(execFile);

/** What Chromium is called on the PATH: on Debian and others. */
const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];

/** Where Chromium is; installed first, where it is missing and this may be done. */
export const chromiumBinary = foundProgram({
  look: find,
  debianPackage: 'chromium',
  missing: 'These tests look at pages in Chromium, and found none on the PATH: "apt-get install chromium" on Debian.',
});

async function find(): Promise<string | undefined> {
  for (const name of NAMES) {
    const { stdout } = await run('which', [name]).catch(() => ({ stdout: '' }));
    if (stdout !== '') return stdout.trim();
  }
  return undefined;
}

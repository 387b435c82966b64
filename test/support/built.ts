import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { shareBundles } from './bundled.js';

/** The root of the repository. */
export const root = fileURLToPath(new URL('../..', import.meta.url));

/** Builds all packages once before all suites, which run beside each other: some look at what is published. */
export function mochaGlobalSetup(): void {
  execFileSync('npm', ['run', '--silent', 'build'], { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
  shareBundles();
}

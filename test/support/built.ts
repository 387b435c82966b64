import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** The root of the repository. */
export const root = fileURLToPath(new URL('../..', import.meta.url));

let isBuilt = false;

/** Builds all packages: once for all suites of this process that look at what is published. */
export function buildOnce(): void {
  if (isBuilt) return;
  execFileSync('npm', ['run', '--silent', 'build'], { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
  isBuilt = true;
}

/**
 * Makes the JavaScript of the packages, in their `dist`: a file for each entry, and what entries share in
 * `dist/shared`. Node loads a few large files in a fraction of the time that hundreds of small ones take. The
 * declarations beside it are made by tsc before. See docs/decisions/0145. With `--clean`, all of it is removed.
 *
 * @packageDocumentation
 */
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { bundlePackage, removeBundle } from './bundle-package.js';

const packages = fileURLToPath(new URL('../../packages/', import.meta.url));
const isToRemove = process.argv.includes('--clean');
for (const name of readdirSync(packages)) {
  if (isToRemove) removeBundle(`${packages}${name}`);
  else await bundlePackage(`${packages}${name}`);
}

/**
 * Makes the JavaScript of the packages, in their `dist`: a file for each entry, and what entries share in
 * `dist/shared`. Node loads a few large files in a fraction of the time that hundreds of small ones take. The
 * declarations beside it are made by tsc before. See docs/decisions/0145.
 *
 * @packageDocumentation
 */
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { bundlePackage } from './bundle-package.js';

const packages = fileURLToPath(new URL('../../packages/', import.meta.url));
for (const name of readdirSync(packages)) await bundlePackage(`${packages}${name}`);

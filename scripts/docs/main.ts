// Writes docs/operators from the doc comments of the operators and of dead letters. Run it at the root: npm run docs
// With --check it only tells whether what is there is up to date.
import { resolve } from 'node:path';
import { DOCUMENTED, generatePages, stalePages, writePages } from './generate.js';

const folder = resolve('docs/operators');
const pages = await generatePages(
  DOCUMENTED.map((name) => resolve('packages', name)),
  folder,
);

if (process.argv.includes('--check')) {
  const stale = stalePages(pages, folder);
  if (stale.length > 0) {
    console.error(`Stale pages in docs/operators: ${stale.join(', ')}. Run: npm run docs`);
    process.exitCode = 1;
  }
} else {
  writePages(pages, folder);
}

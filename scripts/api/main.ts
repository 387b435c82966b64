// Writes packages/*/etc/*.api.md, what each package promises its users, from the declarations that were built. Run it
// at the root: npm run api. With --check it only tells whether what is there is up to date.
import { generateReports, staleReports, writeReports } from './reports.js';

const root = process.cwd();
const reports = generateReports(root);

if (process.argv.includes('--check')) {
  const stale = staleReports(reports, root);
  if (stale.length > 0) {
    console.error(`The API is not what these say: ${stale.join(', ')}. Where the change is meant, run: npm run api`);
    process.exitCode = 1;
  }
} else {
  writeReports(reports, root);
}
if (reports.problems.length > 0) {
  console.error(reports.problems.join('\n'));
  process.exitCode = 1;
}

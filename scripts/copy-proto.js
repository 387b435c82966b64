// Copies proto/pubsub_api.proto into the packages that load it, so that they work once installed.
// With --check it only tells whether the copies are up to date.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

const source = readFileSync('proto/pubsub_api.proto', 'utf8');
const copies = ['packages/core/proto/pubsub_api.proto', 'packages/emulator/proto/pubsub_api.proto'];
const stale = copies.filter((path) => {
  try {
    return readFileSync(path, 'utf8') !== source;
  } catch {
    return true;
  }
});

if (process.argv.includes('--check')) {
  if (stale.length > 0) {
    console.error(`Stale copies of proto/pubsub_api.proto: ${stale.join(', ')}. Run: npm run proto`);
    process.exit(1);
  }
} else {
  for (const path of stale) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, source);
  }
}

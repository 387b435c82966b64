// Writes deploy/kubernetes from the objects of rxforce manifests. Run it at the root: npm run manifests.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { generateManifests } from './generate.js';

const root = process.cwd();
for (const [path, text] of await generateManifests(root)) {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

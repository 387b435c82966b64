// Writes the board of Grafana, and the table of metrics in docs/guides/telemetry.md. Run it at the root: npm run
// telemetry.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generateTelemetry } from './generate.js';

const root = process.cwd();
for (const [path, text] of await generateTelemetry(root)) writeFileSync(join(root, path), text);

/** Writes the tables of all settings into the page about the configuration. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { format } from 'prettier';
import { withTables } from './page.js';

const PAGE = fileURLToPath(new URL('../../docs/guides/configuration.md', import.meta.url));

const text = withTables(readFileSync(PAGE, 'utf8'));
writeFileSync(PAGE, await format(text, { parser: 'markdown', printWidth: 120, singleQuote: true }));

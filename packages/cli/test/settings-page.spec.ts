import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { format } from 'prettier';
import { withTables } from '../../../scripts/settings/page.js';
import { lineOf } from '../src/config/place.js';
import { parseConfiguration } from '../src/config/configuration.js';

const pageOf = (name: string) =>
  readFileSync(fileURLToPath(new URL(`../../../docs/guides/${name}`, import.meta.url)), 'utf8');

describe('The pages about the command line', () => {
  it('list all settings as the schema has them: else run npx tsx --conditions=rxforce-source scripts/settings/main.ts', async () => {
    const page = pageOf('configuration.md');
    const now = await format(withTables(page), { parser: 'markdown', printWidth: 120, singleQuote: true });
    expect(page).to.equal(now);
  });

  it('show configurations that are right', () => {
    const readme = readFileSync(fileURLToPath(new URL('../README.md', import.meta.url)), 'utf8');
    const texts = [readme, pageOf('configuration.md'), pageOf('command-line.md')].join('\n');
    const blocks = [...texts.matchAll(/```yaml\n([^]*?)```/g)].map(([, text = '']) => text);
    expect(blocks.length).to.be.at.least(2);
    // What a page leaves out is given here.
    const environmentOf = (text: string) => {
      // These would be a `salesforce` beside the orgs.
      const isOut = (name: string) => /^orgs:/m.test(text) && /^(SALESFORCE|RXFORCE)_/.test(name);
      const get = (_: unknown, name: string) => (isOut(name) ? undefined : 'x-value');
      const rest = { has: () => true, ownKeys: () => [], getOwnPropertyDescriptor: () => undefined };
      return new Proxy<Record<string, string>>({}, { get, ...rest });
    };
    for (const text of blocks) {
      const whole = [
        text,
        ...(/^(salesforce|orgs):/m.test(text) ? [] : ['salesforce: { username: u, password: pw-of-page }']),
        ...(/^topics:/m.test(text) ? [] : ['topics: [Account]']),
      ].join('\n');
      const loaded = parseConfiguration(whole, { file: 'page', environment: environmentOf(text) });
      const problems = loaded.err ? loaded.val.map(lineOf).filter((line) => !line.startsWith('the variable')) : [];
      expect(problems, text).to.deep.equal([]);
    }
  });
});

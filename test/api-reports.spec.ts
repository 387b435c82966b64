import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { generateReports, staleReports, writeReports, type Reports } from '../scripts/api/reports.js';
import { root } from './support/built.js';

describe('The API reports', function () {
  this.timeout(600_000);
  let reports: Reports;

  before(() => {
    reports = generateReports(root);
  });

  it('say what the packages promise: a change that is not meant shows itself here', () => {
    expect(staleReports(reports, root), 'Where the change is meant, run: npm run api').to.deep.equal([]);
  });

  it('find every type that is promised exported', () => {
    expect(reports.problems).to.deep.equal([]);
  });

  it('are about every entry of every package', () => {
    expect([...reports.texts.keys()].sort()).to.deep.equal([
      'packages/cli/etc/index.api.md',
      'packages/cli/etc/live.api.md',
      'packages/codegen/etc/index.api.md',
      'packages/core/etc/codec.api.md',
      'packages/core/etc/delivery-source.api.md',
      'packages/core/etc/delivery.api.md',
      'packages/core/etc/index.api.md',
      'packages/core/etc/internal.api.md',
      'packages/core/etc/model.api.md',
      'packages/core/etc/telemetry.api.md',
      'packages/core/etc/testing.api.md',
      'packages/dead-letters/etc/index.api.md',
      'packages/dead-letters/etc/internal.api.md',
      'packages/dead-letters/etc/testing.api.md',
      'packages/emulator/etc/index.api.md',
      'packages/eslint-plugin/etc/index.api.md',
      'packages/jetstream/etc/index.api.md',
      'packages/kafka/etc/index.api.md',
      'packages/live-page/etc/index.api.md',
      'packages/live-page/etc/page.api.md',
      'packages/opentelemetry/etc/index.api.md',
      'packages/operators/etc/index.api.md',
      'packages/operators/etc/rxjs.api.md',
      'packages/records/etc/index.api.md',
      'packages/replay-redis/etc/index.api.md',
      'packages/sql/etc/index.api.md',
    ]);
  });

  it('name what stands behind the names', () => {
    const core = reports.texts.get('packages/core/etc/index.api.md');
    expect(core).to.include('export function createClient(options: ClientOptions): PubSubClient;');
  });
});

describe('The maker of API reports', function () {
  this.timeout(180_000);
  let folder = '';

  // Where the types of Node are found.
  before(() => (folder = mkdtempSync(join(root, 'node_modules/.rxforce-api-'))));
  afterEach(() => rmSync(join(folder, 'packages'), { recursive: true, force: true }));
  after(() => rmSync(folder, { recursive: true }));

  /** Makes a package of entries and their declarations. */
  const packed = (entries: Readonly<Record<string, string>>): void => {
    const target = join(folder, 'packages/thing');
    mkdirSync(target, { recursive: true });
    const exports: Record<string, object> = {};
    for (const [name, declarations] of Object.entries(entries)) {
      exports[name === 'index' ? '.' : `./${name}`] = { types: `./${name}.d.ts` };
      writeFileSync(join(target, `${name}.d.ts`), declarations);
    }
    writeFileSync(join(target, 'package.json'), JSON.stringify({ name: 'thing', version: '1.0.0', exports }));
  };

  const INDEX = 'packages/thing/etc/index.api.md';

  it('tells when a report is missing, when it differs, and when its entry is no more', () => {
    packed({ index: '/** One. */\nexport declare const one: 1;\n' });
    const reports = generateReports(folder);
    expect(staleReports(reports, folder)).to.deep.equal([INDEX]);
    writeReports(reports, folder);
    expect(staleReports(reports, folder)).to.deep.equal([]);
    packed({ index: '/** One. */\nexport declare const one: 2;\n' });
    expect(staleReports(generateReports(folder), folder)).to.deep.equal([INDEX]);
    writeFileSync(join(folder, 'packages/thing/etc/gone.api.md'), '');
    expect(staleReports(reports, folder)).to.deep.equal(['packages/thing/etc/gone.api.md']);
    writeReports(reports, folder);
    expect(staleReports(reports, folder)).to.deep.equal([]);
    expect(readFileSync(join(folder, INDEX), 'utf8')).to.include('const one: 1');
  });

  it('names a type that is used and that no entry exports', () => {
    const hidden = "import { Hidden } from './other.js';\n/** It. */\nexport declare function make(): Hidden;\n";
    packed({ index: hidden, other: '/** It. */\nexport interface Hidden {\n  readonly a: 1;\n}\n' });
    expect(generateReports(folder).problems).to.deep.equal([]);
    packed({
      index: '/** It. */\ninterface Hidden {\n}\n/** It. */\nexport declare function make(): Hidden;\nexport {};\n',
    });
    expect(generateReports(folder).problems).to.deep.equal([
      `${INDEX}: Hidden is used, and no entry of the package exports it.`,
    ]);
  });

  it('says what to do, when the packages are not built', () => {
    packed({ index: '' });
    rmSync(join(folder, 'packages/thing/index.d.ts'));
    expect(() => generateReports(folder)).to.throw(/thing\/index\.d\.ts is not there\. Run: npm run build/);
  });
});

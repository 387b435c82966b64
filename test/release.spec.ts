import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { nextVersion, releaseNews, withVersion } from '../scripts/release/plan.js';
import { root } from './support/built.js';
import { NAMES } from './support/packed.js';

describe('npm run release', function () {
  this.timeout(120_000);

  it('prints what would be published, and changes nothing, with --dry-run', () => {
    const changed = () =>
      ['package-lock.json', 'lerna.json', 'CHANGELOG.md', ...NAMES.map((name) => `packages/${name}/package.json`)].map(
        (path) => readFileSync(join(root, path), 'utf8'),
      );
    const before = [changed(), readdirSync(root)];
    const output = execFileSync('npm', ['run', '--silent', 'release', '--', '9.0.0', '--dry-run'], {
      cwd: root,
      env: { ...process.env, NODE_OPTIONS: '' },
    }).toString();
    for (const name of NAMES) expect(output).to.match(new RegExp(`@rxforce/${name}@9\\.0\\.0 {2}\\d+ files, \\d+ kB`));
    expect(output).to.include('Would commit and tag v9.0.0.');
    expect([changed(), readdirSync(root)]).to.deep.equal(before);
  });

  it('counts up the part of the version that it is told, or takes a later version', () => {
    expect(nextVersion('0.1.9', 'patch')).to.equal('0.1.10');
    expect(nextVersion('0.1.9', 'minor')).to.equal('0.2.0');
    expect(nextVersion('0.1.9', 'major')).to.equal('1.0.0');
    expect(nextVersion('0.1.9', '0.10.0')).to.equal('0.10.0');
    for (const step of ['0.1.9', '0.1.8', '0.0.10']) {
      expect(() => nextVersion('0.1.9', step)).to.throw(`${step} is not after 0.1.9.`);
    }
    expect(() => nextVersion('0.1.9', 'huge')).to.throw('"huge" is no step');
  });

  it('gives peers and dependencies of the project the same version, and leaves others alone', () => {
    const released = new Set(['a', 'b']);
    const manifest = {
      ...{ name: 'a', version: '0.1.0', dependencies: { b: '0.1.0', c: '^3.0.0' } },
      ...{ peerDependencies: { b: '0.1.0', rxjs: '^7.8.0' }, devDependencies: { b: '0.1.0' } },
    };
    expect(withVersion(manifest, '0.2.0', released)).to.deep.equal({
      ...{ name: 'a', version: '0.2.0', dependencies: { b: '0.2.0', c: '^3.0.0' } },
      ...{ peerDependencies: { b: '0.2.0', rxjs: '^7.8.0' }, devDependencies: { b: '0.2.0' } },
    });
    const example = { name: 'example', private: true, dependencies: { b: '0.1.0' } };
    expect(withVersion(example, '0.2.0', released)).to.deep.equal({ ...example, dependencies: { b: '0.2.0' } });
  });

  it('puts what is new under the version, and refuses a release without news', () => {
    const changelog = '# Changelog\n\n## Unreleased\n\nFaster.\n\n## 0.1.0 (2026-01-01)\n\nFirst.\n';
    expect(releaseNews(changelog, '0.2.0', '2026-02-02')).to.deep.equal({
      news: 'Faster.',
      changelog:
        '# Changelog\n\n## Unreleased\n\n## 0.2.0 (2026-02-02)\n\nFaster.\n\n## 0.1.0 (2026-01-01)\n\nFirst.\n',
    });
    const { changelog: released } = releaseNews(changelog, '0.2.0', '2026-02-02');
    expect(() => releaseNews(released, '0.3.0', '2026-03-03')).to.throw('says nothing below "## Unreleased"');
    expect(() => releaseNews('# Changelog\n', '0.3.0', '2026-03-03')).to.throw('says nothing below');
  });
});

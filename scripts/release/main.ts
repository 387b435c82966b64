// Releases all packages with one version. Run it at the root: npm run release -- minor. With --dry-run it prints what
// would be published, and changes nothing. CONTRIBUTING.md says more.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { nextVersion, releaseNews, withVersion, type Manifest } from './plan.js';

/** What npm says of a package that it would pack. */
interface Archive {
  readonly name: string;
  readonly size: number;
  readonly entryCount: number;
}

const run = (command: string, ...args: string[]) => execFileSync(command, args, { stdio: 'inherit' });
const textOf = (command: string, ...args: string[]) =>
  execFileSync(command, args, { stdio: ['ignore', 'pipe', 'ignore'] }).toString();
const read = <T>(path: string) => JSON.parse(readFileSync(path, 'utf8')) as T;

/** The manifests of all workspaces, by their paths. */
function allManifests(): ReadonlyMap<string, Manifest> {
  const folders = ['packages', 'examples'].flatMap((parent) => readdirSync(parent).map((name) => `${parent}/${name}`));
  const paths = [...folders, 'bench'].map((folder) => `${folder}/package.json`);
  return new Map(paths.map((path) => [path, read<Manifest>(path)]));
}

const { values, positionals } = parseArgs({ options: { 'dry-run': { type: 'boolean' } }, allowPositionals: true });
const { version: current } = read<{ readonly version: string }>('lerna.json');
const version = nextVersion(current, positionals[0] ?? 'patch');
const { news, changelog } = releaseNews(
  readFileSync('CHANGELOG.md', 'utf8'),
  version,
  new Date().toISOString().slice(0, 10),
);
const manifests = allManifests();
const released = new Set([...manifests.values()].filter((each) => each.private !== true).map(({ name }) => name));

if (values['dry-run'] === true) {
  const workspaces = [...released].map((name) => `--workspace=${name}`);
  const archives = JSON.parse(
    textOf('npm', 'pack', '--dry-run', '--json', '--ignore-scripts', ...workspaces),
  ) as Archive[];
  console.log(`Would publish, from ${current}:`);
  for (const { name, size, entryCount } of archives) {
    console.log(`  ${name}@${version}  ${entryCount} files, ${Math.ceil(size / 1024)} kB packed`);
  }
  console.log(`\nWould commit and tag v${version}. What CHANGELOG.md says of it:\n\n${news}`);
} else {
  if (textOf('git', 'status', '--porcelain') !== '') throw new Error('Commit or stash your changes before a release.');
  for (const [path, manifest] of manifests) writeJson(path, withVersion(manifest, version, released));
  writeJson('lerna.json', { ...read<object>('lerna.json'), version });
  writeFileSync('CHANGELOG.md', changelog);
  run('npx', 'prettier', '--write', 'lerna.json', 'CHANGELOG.md', ...manifests.keys());
  run('npm', 'install', '--package-lock-only', '--ignore-scripts');
  run('npm', 'run', 'build');
  run('git', 'commit', '--all', '--message', `Version ${version}`);
  run('git', 'tag', `v${version}`);
  // Those that are not in the registry yet, dependencies first.
  run('npx', 'lerna', 'publish', 'from-package', '--yes');
  console.log(`Published ${version}. Now: git push --follow-tags`);
}

function writeJson(path: string, value: unknown): void {
  writeFileSync(path, `${JSON.stringify(value, undefined, 2)}\n`);
}

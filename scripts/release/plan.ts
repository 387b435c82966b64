/** The parts of a package.json that a release changes. */
export interface Manifest {
  readonly name: string;
  readonly version?: string;
  readonly private?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

const DEPENDENCIES = ['dependencies', 'devDependencies', 'peerDependencies'] as const;
const UNRELEASED = '## Unreleased\n';

/**
 * The version that a release gets.
 *
 * @param current - The version of the last one.
 * @param step - `'patch'`, `'minor'`, `'major'`, or the new version itself, which must be a later one.
 * @throws `Error` when it is neither.
 */
export function nextVersion(current: string, step: string): string {
  const [major, minor, patch] = numbersOf(current) ?? [0, 0, 0];
  if (step === 'major') return `${major + 1}.0.0`;
  if (step === 'minor') return `${major}.${minor + 1}.0`;
  if (step === 'patch') return `${major}.${minor}.${patch + 1}`;
  const asked = numbersOf(step);
  if (asked === undefined) throw new Error(`"${step}" is no step: use patch, minor, major or a version such as 1.2.3.`);
  const difference = asked[0] - major || asked[1] - minor || asked[2] - patch;
  if (difference <= 0) throw new Error(`${step} is not after ${current}.`);
  return step;
}

function numbersOf(version: string): readonly [number, number, number] | undefined {
  const [, major, minor, patch] = /^(\d+)\.(\d+)\.(\d+)$/.exec(version) ?? [];
  return major === undefined ? undefined : [Number(major), Number(minor), Number(patch)];
}

/**
 * A manifest in which all packages of a release have its version: its own, and those that it depends on. lerna leaves
 * out peer dependencies, and packages that are not published.
 *
 * @param released - The names of the packages that are published.
 */
export function withVersion(manifest: Manifest, version: string, released: ReadonlySet<string>): Manifest {
  const changed: Record<string, unknown> = { ...manifest };
  if (released.has(manifest.name)) changed.version = version;
  for (const key of DEPENDENCIES) {
    const dependencies = manifest[key];
    if (dependencies === undefined) continue;
    changed[key] = Object.fromEntries(
      Object.entries(dependencies).map(([name, range]) => [name, released.has(name) ? version : range]),
    );
  }
  return changed as unknown as Manifest;
}

/** What a changelog says of the next release. */
export interface Unreleased {
  /** What is new, in Markdown. */
  readonly news: string;
  /** The changelog once it is released. */
  readonly changelog: string;
}

/**
 * Takes what is new out of a changelog, and puts it under the version.
 *
 * @param day - The day of the release, such as `2026-01-31`.
 * @throws `Error` when nothing is new.
 */
export function releaseNews(changelog: string, version: string, day: string): Unreleased {
  const [before, after] = changelog.split(UNRELEASED);
  const news = after?.split(/^## /m)[0]?.trim() ?? '';
  if (before === undefined || after === undefined || news === '') {
    throw new Error('CHANGELOG.md says nothing below "## Unreleased": write there what is new.');
  }
  return { news, changelog: `${before}${UNRELEASED}\n## ${version} (${day})\n${after}` };
}

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A way into a package that its users have. */
export interface Entry {
  /** Where its package is. */
  readonly packageFolder: string;
  /** `index` for the package itself, else the name behind it: `model`. */
  readonly name: string;
  /** The declarations that it was built to. */
  readonly declarations: string;
}

interface PackageJson {
  readonly private?: boolean;
  readonly exports?: Readonly<Record<string, { readonly types?: string } | string>>;
}

/** Every entry of every package that is published. */
export function entriesOf(root: string): Entry[] {
  const folders = readdirSync(join(root, 'packages')).map((name) => join(root, 'packages', name));
  return folders.filter((folder) => existsSync(join(folder, 'package.json'))).flatMap(entriesOfPackage);
}

function entriesOfPackage(packageFolder: string): Entry[] {
  const { private: isPrivate = false, exports = {} } = JSON.parse(
    readFileSync(join(packageFolder, 'package.json'), 'utf8'),
  ) as PackageJson;
  if (isPrivate) return [];
  return Object.entries(exports).flatMap(([path, target]) => {
    const types = typeof target === 'string' ? undefined : target.types;
    if (types === undefined) return [];
    const name = path === '.' ? 'index' : path.replace('./', '').replaceAll('/', '-');
    return [{ packageFolder, name, declarations: join(packageFolder, types) }];
  });
}

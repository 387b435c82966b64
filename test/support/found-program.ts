import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { installDebianPackage } from './debian-package.js';

const run = promisify(execFile);

/** A program that tests run. */
export interface WantedProgram<T> {
  /** Where it is; `undefined` where it is not there. */
  readonly look: () => Promise<T | undefined>;
  /** Who has it on Debian. */
  readonly debianPackage: string;
  /** What is said where it is missing: what for, and how to install it. */
  readonly missing: string;
}

/** Finds a program, once for all calls; it is installed first, where it is missing and this may be done. */
export function foundProgram<T>({ look, debianPackage, missing }: WantedProgram<T>): () => Promise<T> {
  let found: Promise<T> | undefined;
  const find = async () => {
    const there = await look();
    if (there !== undefined) return there;
    await installDebianPackage(debianPackage);
    const installed = await look();
    if (installed !== undefined) return installed;
    throw new Error(missing);
  };
  return () => (found ??= find());
}

/** The first of some names or paths of a program that runs with these arguments, such as `--version`. */
export async function answering(places: readonly string[], args: readonly string[]): Promise<string | undefined> {
  for (const place of places) {
    const answers = await run(place, [...args]).then(
      () => true,
      () => false,
    );
    if (answers) return place;
  }
  return undefined;
}

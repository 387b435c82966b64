import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Longest wait for a look at the syntax of a module, in milliseconds. */
const LOOK_MS = 10_000;

/** A file and a line, in the stack of an error: a line of its own above the code, or the first call. */
const PLACE = /(?:^|\(|at )((?:file:\/\/)?\/[^\s()]*?):(\d+)(?::\d+)?\)?$/m;

/**
 * Where an error of loading a module comes from, as `/path/to/module.mjs:3`. Node keeps the line of a syntax error to
 * itself, so another process looks at the file.
 *
 * @param file - The module that was loaded. The error may be in one that it imports.
 * @returns `undefined` where nobody knows.
 */
export async function errorPlace(error: unknown, file: string): Promise<string | undefined> {
  if (!(error instanceof Error)) return undefined;
  // What is below the calls of Node itself is this program.
  const own = placeIn(error.stack?.split('node:internal')[0] ?? '');
  return own ?? (error.name === 'SyntaxError' ? placeIn(await checked(file)) : undefined);
}

function placeIn(text: string): string | undefined {
  const [, file, line] = PLACE.exec(text) ?? [];
  if (file === undefined || line === undefined) return undefined;
  return `${file.startsWith('file:') ? fileURLToPath(file) : file}:${line}`;
}

/** What Node says of the syntax of a file, without running it. */
function checked(file: string): Promise<string> {
  return new Promise((resolve) => {
    execFile(process.execPath, ['--check', file], { timeout: LOOK_MS }, (_error, _stdout, stderr) => resolve(stderr));
  });
}

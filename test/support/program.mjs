import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { Script } from 'node:vm';

/** When a first process keeps what V8 has compiled: it may be killed soon. */
const KEPT_AFTER_MS = 500;

/**
 * Runs a file of `bundledProgram`, with what V8 has compiled for the process that ran it first.
 *
 * @param {string} name - The name of the file, beside this one.
 * @param {{ meta: ImportMeta, import: (specifier: string) => Promise<unknown> }} given - What the program has instead of
 *   what modules have.
 */
export function startProgram(name, given) {
  // Such a process ends before it gains by what V8 optimizes: WebAssembly as soon as it is there, which is the parser of
  // HTTP, and JavaScript after some calls.
  setFlagsFromString('--liftoff-only');
  setFlagsFromString('--interrupt-budget=1000000');
  const filename = fileURLToPath(new URL(name, given.meta.url));
  const kept = `${filename}.compiled`;
  const cachedData = contentOf(kept);
  const script = new Script(readFileSync(filename, 'utf8'), { filename, cachedData });
  if (cachedData === undefined) keep(script, kept);
  script.runInThisContext()(createRequire(filename), { exports: {} }, given);
}

function contentOf(file) {
  try {
    return readFileSync(file);
  } catch {
    return undefined;
  }
}

/** Another process may write the same file. Where it cannot be written, the program does without. */
function keep(script, file) {
  const write = () => {
    process.off('exit', write);
    try {
      writeFileSync(`${file}-${process.pid}`, script.createCachedData());
      renameSync(`${file}-${process.pid}`, file);
    } catch {
      // The run that has the folder may have ended.
    }
  };
  process.on('exit', write);
  setTimeout(write, KEPT_AFTER_MS).unref();
}

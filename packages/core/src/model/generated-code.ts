/**
 * Whether code may be generated from text here. It may not with `--disallow-code-generation-from-strings`, nor in some
 * runtimes.
 */
export function mayGenerateCode(): boolean {
  return (generates ??= tryToGenerate());
}

let generates: boolean | undefined;

function tryToGenerate(): boolean {
  try {
    // eslint-disable-next-line @typescript-eslint/no-implied-eval -- it is never called
    return typeof new Function('') === 'function';
  } catch {
    return false;
  }
}

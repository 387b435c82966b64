import { readFileSync } from 'node:fs';

/** The variables of an environment. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A text, with what its references stand for in their place. */
export interface Interpolated {
  readonly text: string;
  /** What is wrong, one sentence each. */
  readonly problems: readonly string[];
  /** What came from files, which nobody should see. */
  readonly secrets: readonly string[];
}

/** `$${` stands for `${` itself. Names and defaults have no `}`. */
const REFERENCE = /\$(\$\{)|\$\{([^}]*)(\}?)/g;

/**
 * Puts the values of `${NAME}`, `${NAME:-default}` and `${file:/path}` in their places. `$${` gives `${`. A value is
 * taken as it is: references in it stay a text.
 *
 * A default counts where the variable is not set or is empty. Line breaks at the end of a file do not count.
 */
export function interpolate(text: string, environment: Environment): Interpolated {
  const problems: string[] = [];
  const secrets: string[] = [];
  const filled = text.replace(REFERENCE, (whole, escaped: string | undefined, inner: string, end: string) => {
    if (escaped !== undefined) return escaped;
    if (end === '') {
      problems.push('"${" has no "}". Write "$${" for the characters themselves.');
      return whole;
    }
    const { value, problem, isSecret = false } = valueOf(inner, environment);
    if (problem !== undefined) problems.push(problem);
    if (isSecret && value !== undefined) secrets.push(value);
    return value ?? whole;
  });
  return { text: filled, problems, secrets };
}

/** Whether a text is one reference and nothing else. */
export function isReference(text: string): boolean {
  return /^\$\{[^}]*\}$/.test(text.trim());
}

interface Value {
  readonly value?: string;
  readonly problem?: string;
  readonly isSecret?: boolean;
}

function valueOf(inner: string, environment: Environment): Value {
  if (inner.startsWith('file:')) return contentOf(inner.slice('file:'.length));
  const [, name, fallback] = /^([A-Za-z_]\w*)(?::-(.*))?$/s.exec(inner) ?? [];
  if (name === undefined) {
    return {
      problem:
        '"${…}" needs the name of a variable, NAME:-default or file:/path in it. Write "$${" for the characters themselves.',
    };
  }
  const value = environment[name];
  if (value !== undefined && (value !== '' || fallback === undefined)) return { value };
  if (fallback !== undefined) return { value: fallback };
  return { problem: `the variable ${name} is not set. Set it, or give a default: \${${name}:-…}.` };
}

function contentOf(path: string): Value {
  try {
    return { value: readFileSync(path, 'utf8').replace(/[\r\n]+$/, ''), isSecret: true };
  } catch (error) {
    return { problem: `the file ${path} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'}).` };
  }
}

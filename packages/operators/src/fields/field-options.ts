import { checkOptionNames, ConfigurationError, type Logger, type MismatchPolicy } from '@rxforce/core/model';

/**
 * How `field` and `filterField` handle a name or an operand that cannot be right. It is the last argument, after the
 * operand.
 */
export interface FieldOptions {
  /**
   * The reaction when the event does not have the field, or the operand is of a kind that the field's values never are.
   * `'warn'` logs a warning once for each object. `'error'` throws a `ConfigurationError`, which errors the stream
   * without settling the event. `'ignore'` is for a stream of several objects, some of which need not have the field.
   *
   * @defaultValue `'warn'`
   */
  readonly onMismatch?: MismatchPolicy;
  /**
   * Where warnings go.
   *
   * @defaultValue the logger of the client that the event came from; warnings of other events go to `console`
   */
  readonly logger?: Logger;
}

/** {@link FieldOptions}, checked and complete. */
export interface ResolvedFieldOptions {
  readonly onMismatch: MismatchPolicy;
  readonly logger: Logger | undefined;
}

const NAMES: readonly string[] = Object.keys({
  onMismatch: true,
  logger: true,
} satisfies Record<keyof FieldOptions, true>);
const POLICIES: readonly string[] = ['warn', 'error', 'ignore'] satisfies MismatchPolicy[];

/**
 * Separates the operand from the options after it: no operand is a plain object.
 *
 * @throws `ConfigurationError` when an option is unknown, or cannot be right.
 */
export function operandAndOptions(
  given: readonly unknown[],
): readonly [operand: readonly unknown[], options: ResolvedFieldOptions] {
  const last = given.at(-1);
  if (isPlainObject(last)) return [given.slice(0, -1), resolved(last)];
  return [last === undefined ? given.slice(0, -1) : given, resolved({})];
}

function resolved(options: FieldOptions): ResolvedFieldOptions {
  checkOptionNames(options, NAMES, { of: 'A field' });
  const { onMismatch = 'warn', logger } = options;
  if (!POLICIES.includes(onMismatch)) {
    throw new ConfigurationError(`onMismatch is ${onMismatch}, but must be 'warn', 'error' or 'ignore'.`);
  }
  if (logger !== undefined && typeof logger.warn !== 'function') {
    throw new ConfigurationError('logger must have a function warn, as console has.');
  }
  return { onMismatch, logger };
}

function isPlainObject(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

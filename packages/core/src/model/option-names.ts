import { kindOf } from './answer.js';
import { closestName } from './closest-name.js';
import { ConfigurationError } from './errors.js';

/**
 * Checks that options are an object, and that it has no name but these. JavaScript callers have no compiler to tell them.
 *
 * @param call - What the options are of, such as `'publisher()'`.
 * @param others - Names that are passed over, and not listed.
 * @throws `ConfigurationError` otherwise. It shows no value, which may be a secret.
 */
export function checkOptionNames(
  call: string,
  options: unknown,
  names: readonly string[],
  others: readonly string[] = [],
): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new ConfigurationError(
      `The options of ${call} must be an object with any of ${names.join(', ')}, but are ${kindOf(options)}.`,
    );
  }
  const unknown = Object.keys(options).find((name) => !names.includes(name) && !others.includes(name));
  if (unknown === undefined) return;
  const meant = closestName(unknown, names);
  const hint = meant === undefined ? '' : ` Is "${meant}" meant?`;
  throw new ConfigurationError(`${call}: there is no option "${unknown}". The options are ${names.join(', ')}.${hint}`);
}

import { kindOf } from './answer.js';
import { closestName } from './closest-name.js';
import { ConfigurationError } from './errors.js';

/** The owner of the options, for the message. */
export interface OptionsOwner {
  /**
   * The function that takes the options, such as `handle()`.
   *
   * @defaultValue none: the message names the option alone
   */
  readonly of?: string;
  /**
   * The prefix of the names: `replay.` for those in `replay`.
   *
   * @defaultValue an empty text
   */
  readonly prefix?: string;
  /**
   * Names that are ignored, and not listed.
   *
   * @defaultValue none
   */
  readonly others?: readonly string[];
}

/**
 * Checks that an object of options has no unknown name, as a misspelled option would silently keep its default.
 *
 * @param options - The caller's options.
 * @param names - All valid names.
 * @throws `ConfigurationError` when it is no object, or has another name. The message says which name was probably
 * meant.
 */
export function checkOptionNames(options: unknown, names: readonly string[], owner: OptionsOwner = {}): void {
  const { of, prefix = '', others = [] } = owner;
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    const what = `${of === undefined ? '' : `${of}: `}${prefix === '' ? 'the options' : prefix.slice(0, -1)}`;
    throw new ConfigurationError(
      `${what} must be an object of ${names.slice(0, 3).join(', ')}${names.length > 3 ? ', …' : ''}, and not ${kindOf(options)}.`,
    );
  }
  const unknown = Object.keys(options).find((name) => !names.includes(name) && !others.includes(name));
  if (unknown === undefined) return;
  const closest = closestName(unknown, names);
  throw new ConfigurationError(
    `${of === undefined ? 'There is' : `${of} has`} no option "${prefix}${unknown}". ` +
      `${closest === undefined ? '' : `Did you mean "${prefix}${closest}"? `}The options are ${names.join(', ')}.`,
  );
}

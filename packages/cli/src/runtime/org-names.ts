import { ConfigurationError } from '@rxforce/core/model';
import { didYouMean } from '../config/closest-name.js';
import type { Configuration } from '../config/settings/settings.js';

/** The settings of one org. */
export type OrgSettings = NonNullable<Configuration['orgs']>[string];

/**
 * The settings of the org that a command is for.
 *
 * @param name - Its name in `orgs`; `undefined` where there is only one.
 * @throws `ConfigurationError` when there is no such org, or there are several and none is named.
 */
export function orgSettingsOf({ salesforce, orgs = {} }: Configuration, name: string | undefined): OrgSettings {
  const names = Object.keys(orgs);
  const [first] = names;
  const wanted = name ?? (names.length === 1 ? first : undefined);
  if (wanted === undefined) {
    if (salesforce) return salesforce;
    if (names.length === 0) throw noOrg();
    throw new ConfigurationError(`The configuration has several orgs. Name one with --org: ${names.join(', ')}.`);
  }
  const found = Object.hasOwn(orgs, wanted) ? orgs[wanted] : undefined;
  if (found) return found;
  throw new ConfigurationError(`--org ${wanted}: there is no org of this name in orgs.${didYouMean(wanted, names)}`);
}

/** Whether a configuration has no org: it is for workers, which read a log. */
export function hasNoOrg({ salesforce, orgs }: Configuration): boolean {
  return salesforce === undefined && orgs === undefined;
}

/** The error of what asks for the org of a configuration that has none. */
export function noOrg(): ConfigurationError {
  return new ConfigurationError(
    'The configuration has no salesforce, which says how to log in. Only run --role worker can do without it, where no sink ' +
      'and no pipeline asks the org for anything, as for the records of gap events. Add it.',
  );
}

/** The names of all orgs; `undefined` is the only one of `salesforce`. */
export function orgNames({ orgs }: Configuration): readonly (string | undefined)[] {
  return orgs ? Object.keys(orgs) : [undefined];
}

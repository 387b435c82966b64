import { ConfigurationError } from '@rxforce/core/model';
import { inspect } from 'node:util';
import type { ManagedSubscriptionSettings } from './managed-subscription.js';

/** The first three characters of their records' ids. */
export const MANAGED_KEY_PREFIX = '18x';
/** Longest label and developer name, in characters. */
const MAX_NAME_LENGTH = 80;
/** Letters, digits and underscores: a letter first, no underscore last, and no two in a row. */
const DEVELOPER_NAME = /^[a-z](?:_?[a-z0-9])*$/i;
const API_VERSION = '64.0';
const PRESETS = ['LATEST', 'EARLIEST'] as const;
const STATES = ['RUN', 'STOP'] as const;

/**
 * Checks a developer name.
 *
 * @throws `ConfigurationError` when it is not valid.
 */
export function checkDeveloperName(name: string): void {
  if (name.length > MAX_NAME_LENGTH || !DEVELOPER_NAME.test(name)) {
    throw new ConfigurationError(
      `A developer name has up to ${MAX_NAME_LENGTH} letters, digits and underscores, begins with a letter, and has ` +
        `no underscore at its end or next to another; ${inspect(name)} has not that form.`,
    );
  }
}

/** Fills in the missing settings of a new managed subscription. */
export function withDefaults(
  developerName: string,
  settings: Pick<ManagedSubscriptionSettings, 'topicName'> & Partial<ManagedSubscriptionSettings>,
): ManagedSubscriptionSettings {
  return {
    label: settings.label ?? developerName,
    topicName: settings.topicName,
    defaultReplay: settings.defaultReplay ?? 'LATEST',
    errorRecoveryReplay: settings.errorRecoveryReplay ?? 'LATEST',
    state: settings.state ?? 'RUN',
    version: settings.version ?? API_VERSION,
  };
}

/** Only the given settings, without those that are `undefined`, which come from JSON or from loose types. */
export function givenOf(settings: Partial<ManagedSubscriptionSettings>): Partial<ManagedSubscriptionSettings> {
  return Object.fromEntries(Object.entries<unknown>(settings).filter(([, value]) => value !== undefined));
}

/**
 * Checks complete settings, whose values may come from any source.
 *
 * @throws `ConfigurationError` when a setting is not valid.
 */
export function checkSettings(settings: ManagedSubscriptionSettings): void {
  checkText('label', settings.label);
  checkWord('defaultReplay', settings.defaultReplay, PRESETS);
  checkWord('errorRecoveryReplay', settings.errorRecoveryReplay, PRESETS);
  checkWord('state', settings.state, STATES);
  if (!/^\d{2,3}\.0$/.test(settings.version)) {
    throw wrong('version', 'a version of the API, such as 64.0', settings.version);
  }
}

function checkText(name: string, value: unknown): void {
  if (typeof value !== 'string' || value === '' || value.length > MAX_NAME_LENGTH) {
    throw wrong(name, `a text of 1 to ${MAX_NAME_LENGTH} characters`, value);
  }
}

function checkWord(name: string, value: unknown, words: readonly unknown[]): void {
  if (!words.includes(value)) throw wrong(name, words.join(' or '), value);
}

function wrong(name: string, expected: string, value: unknown): ConfigurationError {
  return new ConfigurationError(
    `The ${name} of a managed subscription is ${expected}, and was given as ${inspect(value)}.`,
  );
}

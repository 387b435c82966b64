import { setField } from '@rxforce/core/model';
import { closestName } from './closest-name.js';
import type { Environment } from './interpolate.js';
import { settingOf, type Places, type Problem, type SettingPath } from './place.js';
import type { bare } from './schema-walk.js';
import { namesAt, schemaAt, shapeOf, valueTypeOf } from './schema-walk.js';
import { settings } from './settings/settings.js';

/** Variables with names of their own, and the settings that they stand for. Later ones take precedence. */
const VARIABLES: readonly (readonly [string, SettingPath])[] = [
  ['SALESFORCE_USERNAME', ['salesforce', 'username']],
  ['SALESFORCE_PASSWORD', ['salesforce', 'password']],
  ['SALESFORCE_CLIENT_ID', ['salesforce', 'client_id']],
  ['SALESFORCE_CLIENT_SECRET', ['salesforce', 'client_secret']],
  ['SALESFORCE_LOGIN_URL', ['salesforce', 'login_url']],
  ['RXFORCE_ACCESS_TOKEN', ['salesforce', 'access_token']],
  ['RXFORCE_INSTANCE_URL', ['salesforce', 'instance_url']],
  ['RXFORCE_CLIENT_ID', ['salesforce', 'client_id']],
  ['RXFORCE_CLIENT_SECRET', ['salesforce', 'client_secret']],
  ['RXFORCE_USERNAME', ['salesforce', 'username']],
  ['RXFORCE_PRIVATE_KEY', ['salesforce', 'private_key']],
  ['RXFORCE_PRIVATE_KEY_FILE', ['salesforce', 'private_key_path']],
  ['RXFORCE_PRIVATE_KEY_PASSPHRASE', ['salesforce', 'private_key_passphrase']],
  ['RXFORCE_LOGIN_URL', ['salesforce', 'login_url']],
  ['RXFORCE_CA_FILE', ['salesforce', 'ca_file']],
  ['RXFORCE_INSECURE', ['pubsub', 'insecure']],
];

/** Words of variables for `true` and `false`. */
const FLAGS: Readonly<Record<string, string>> = { '1': 'true', '0': 'false' };

/**
 * Puts what the environment says into the values of a file: `RXFORCE_PUBSUB__PORT` is `pubsub.port`, and
 * `SALESFORCE_USERNAME` is `salesforce.username`. An empty variable counts as not set.
 *
 * @param values - The values of the file. They are changed.
 * @param places - Gets the names of the variables.
 * @returns What is wrong with the variables.
 */
export function applyEnvironment(
  values: Record<string, unknown>,
  places: Places,
  environment: Environment,
): readonly Problem[] {
  const put = (name: string, path: SettingPath, value: string) => {
    putAt(values, path, value);
    places.override(path, name);
  };
  for (const [name, path] of VARIABLES) {
    const value = environment[name];
    if (value) put(name, path, path.at(-1) === 'insecure' ? (FLAGS[value] ?? value) : value);
  }
  putEndpoint(environment.RXFORCE_ENDPOINT, put);
  return Object.entries(environment).flatMap(([name, value]) => {
    if (!value || !/^RXFORCE_.+__/.test(name)) return [];
    const path = pathOf(name, values);
    if (path === undefined) return [unknownVariable(name, values)];
    put(name, path, value);
    return [];
  });
}

function putEndpoint(
  endpoint: string | undefined,
  put: (name: string, path: SettingPath, value: string) => void,
): void {
  if (!endpoint) return;
  const [, host = endpoint, port] = /^(.*?):(\d+)$/.exec(endpoint) ?? [];
  put('RXFORCE_ENDPOINT', ['pubsub', 'host'], host);
  if (port !== undefined) put('RXFORCE_ENDPOINT', ['pubsub', 'port'], port);
}

/** The setting that a variable names; `undefined` where there is no such setting. */
function pathOf(name: string, values: unknown): SettingPath | undefined {
  const path: (string | number)[] = [];
  for (const part of partsOf(name)) {
    const schema = schemaAt(settings, path, values);
    if (!schema) return undefined;
    const next = nextOf(schema, part, valueAt(values, path));
    if (next === undefined) return undefined;
    path.push(next);
  }
  return schemaAt(settings, path, values) && path;
}

function nextOf(schema: Parameters<typeof bare>[0], part: string, value: unknown): string | number | undefined {
  const shape = shapeOf(schema);
  if (shape) return Object.keys(shape).find((name) => name === part.toLowerCase());
  // The name of a sink is as it is in the file, and variables are in capitals.
  if (valueTypeOf(schema)) {
    return Object.keys(Object(value) as object).find((name) => name.toLowerCase() === part.toLowerCase());
  }
  return Array.isArray(value) && Number(part) < value.length ? Number(part) : undefined;
}

function unknownVariable(name: string, values: unknown): Problem {
  const [section = '', ...rest] = partsOf(name);
  const names = namesAt(settings, [section.toLowerCase()], values);
  const closest =
    rest.length === 0 || names.length === 0
      ? closestName(section, namesAt(settings, [], values))
      : closestName(rest[0] ?? '', names);
  const meant = names.length === 0 ? [closest, ...rest] : [section, closest, ...rest.slice(1)];
  const hint = closest === undefined ? '' : ` Did you mean RXFORCE_${meant.join('__').toUpperCase()}?`;
  return { at: `the variable ${name}`, setting: '', message: `there is no such setting.${hint}` };
}

function partsOf(name: string): readonly string[] {
  return name.slice('RXFORCE_'.length).split('__');
}

function valueAt(values: unknown, path: SettingPath): unknown {
  return path.reduce<unknown>((value, part) => (Object(value) as Record<string, unknown>)[part], values);
}

function putAt(values: Record<string, unknown>, path: SettingPath, value: unknown): void {
  const [name = '', ...rest] = path;
  if (rest.length === 0) {
    setField(values, String(name), value);
    return;
  }
  const inner = Object.hasOwn(values, name) ? values[name] : undefined;
  // A topic may be given by its name alone.
  const prepared = typeof inner === 'string' && path.length === 2 ? { topic: inner } : inner;
  const next = typeof prepared === 'object' && prepared !== null ? prepared : {};
  setField(values, String(name), next);
  putAt(next as Record<string, unknown>, rest, value);
}

/** The variables with names of their own, for documentation. */
export const NAMED_VARIABLES: readonly { readonly variable: string; readonly setting: string }[] = VARIABLES.map(
  ([variable, path]) => ({ variable, setting: settingOf(path) }),
);

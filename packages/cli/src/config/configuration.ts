import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { ConfigurationError, Err, Ok, type Result } from '@rxforce/core/model';
import { crossChecks } from './cross-checks.js';
import { applyEnvironment } from './environment-settings.js';
import type { Environment } from './interpolate.js';
import { findingsOf, type Finding } from './issue-text.js';
import { inOrder, lineOf, settingOf, type Places, type Problem, type SettingPath, type SettingPlace } from './place.js';
import { readYaml } from './read-yaml.js';
import { secretsIn } from './secrets.js';
import { settings, type Configuration } from './settings/settings.js';
import { adviceOnSinks } from './sink-advice.js';
import type { TopicSettings } from './settings/topics.js';

/** A configuration that is right. */
export interface LoadedConfiguration {
  readonly configuration: Configuration;
  /** The file, and its directory, where modules are looked for. */
  readonly file: string;
  readonly directory: string;
  /** Texts that nothing may print. */
  readonly secrets: readonly string[];
  /** Advice on what works, but could be better. */
  readonly hints: readonly Problem[];
  /** Where a setting of a topic stands, for what is found out later. */
  readonly placeOf: (topic: TopicSettings, path: SettingPath) => SettingPlace;
}

/** What is read, and for what. */
export interface ConfigurationSource {
  readonly file: string;
  readonly environment: Environment;
  /**
   * Whether only orgs and the way to them count, as for commands that run nothing: what is not right elsewhere, or has
   * no variable, does not matter to them.
   *
   * @defaultValue false
   */
  readonly isForOrg?: boolean;
}

/** The file that is read where none is named. */
export const DEFAULT_FILE = 'config.yaml';

/**
 * Reads a configuration: the file, then what the environment says.
 *
 * @param source - The file, and what is wanted of it. A relative path is relative to the working directory.
 * @returns The configuration, or all that is wrong with it.
 * @throws `ConfigurationError` when there is no such file, or it cannot be read.
 */
export function readConfiguration(source: ConfigurationSource): Result<LoadedConfiguration, readonly Problem[]> {
  return parseConfiguration(readText(source.file), source);
}

/** As `readConfiguration`, with the text of the file given. */
export function parseConfiguration(
  text: string,
  { file, environment, isForOrg = false }: ConfigurationSource,
): Result<LoadedConfiguration, readonly Problem[]> {
  const { value, places, problems, isBroken, secrets } = readYaml(text, file, environment);
  if (isBroken) return Err(inOrder(problems));
  const given = isValues(value) ? value : {};
  const isOther = !isValues(value) && value !== null && problems.length === 0;
  const hints = inlineSecrets(text, given, places);
  const ofEnvironment = applyEnvironment(given, places, environment);
  const ofFile = isOther ? [noSettings(places)] : problems.filter((problem) => !places.isOver(problem));
  const only = isForOrg ? onlyOrgs(given) : undefined;
  const values = only ?? given;
  const before = [...ofFile, ...ofEnvironment].filter(({ setting }) => only === undefined || isOfOrgs(setting));
  const parsed = settings.safeParse(values);
  const findings = [
    ...(parsed.error?.issues ?? []).flatMap((issue) => findingsOf(issue, values)),
    ...crossChecks(values),
  ].map((finding) => problemOf(finding, places));
  const all = [...before, ...withoutRepeats(findings, before)];
  if (!parsed.success || all.length > 0) return Err(inOrder(all));
  const { topics } = parsed.data;
  return Ok({
    configuration: parsed.data,
    placeOf: (topic, path) => placeAt(['topics', topics.indexOf(topic), ...path], places),
    ...{ file: resolve(file), directory: dirname(resolve(file)) },
    secrets: [...secrets, ...secretsIn(settings, given)].filter((secret) => secret.length >= 4),
    hints: [...hints, ...adviceOn(parsed.data, places, environment)],
  });
}

function noSettings(places: Places): Problem {
  const message = 'it must have settings, such as "salesforce:" and "topics:".';
  return { setting: '', at: places.ofKey([]), message };
}

/** A configuration is wrong. The message has all problems in one line, `problems` each by itself. */
export class BrokenConfigurationError extends ConfigurationError {
  constructor(readonly problems: readonly Problem[]) {
    super(problems.map(lineOf).join(' '));
  }
}

/** @throws `ConfigurationError` when there is no such file, or it cannot be read. */
export function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const hint = code === 'ENOENT' ? ' Name another file, or write one with: rxforce init' : '';
    throw new ConfigurationError(`The configuration ${file} cannot be read (${code ?? 'unknown'}).${hint}`, { cause });
  }
}

const ORG_SECTIONS: readonly string[] = ['salesforce', 'orgs', 'pubsub'];

/** The orgs and the way to them, with a topic for each; `undefined` where there is none, as in a file for workers. */
function onlyOrgs(values: Record<string, unknown>): Record<string, unknown> | undefined {
  const { salesforce, orgs } = values;
  if (salesforce === undefined && orgs === undefined) return undefined;
  const topic = '/data/ChangeEvents';
  const topics = isValues(orgs) ? Object.keys(orgs).map((org) => ({ topic, org })) : [topic];
  return { ...Object.fromEntries(Object.entries(values).filter(([name]) => ORG_SECTIONS.includes(name))), topics };
}

/** Whether a problem is of these, or of the whole file. */
function isOfOrgs(setting: string): boolean {
  return setting === '' || ORG_SECTIONS.includes(/^\w+/.exec(setting)?.[0] ?? '');
}

function placeAt(path: SettingPath, places: Places): SettingPlace {
  return { setting: settingOf(path), at: places.ofKey(path) };
}

function problemOf({ path, message, isName = false }: Finding, places: Places): Problem {
  return { setting: settingOf(path), at: isName ? places.ofKey(path) : places.ofValue(path), message };
}

/** Of one setting, only the first problem is reported: the others follow from it. */
function withoutRepeats(problems: readonly Problem[], before: readonly Problem[]): readonly Problem[] {
  const seen = new Set(before.map(({ setting }) => setting).filter((setting) => setting !== ''));
  return problems.filter(({ setting }) => !seen.has(setting) && seen.add(setting));
}

/** An address that has no user and no password, nor a query that could have them. */
const WITHOUT_LOGIN = /^(nats|tls|rediss?|postgres(ql)?):\/\/[^@?]*$/;

/** Secrets that stand in the file itself. */
function inlineSecrets(text: string, values: Record<string, unknown>, places: Places): readonly Problem[] {
  return secretsIn(settings, values, (path, secret) =>
    secret.length >= 4 && text.includes(secret) && !WITHOUT_LOGIN.test(secret)
      ? {
          setting: settingOf(path),
          at: places.ofValue(path),
          message: 'a secret in the file: ${VARIABLE} or ${file:/path} keeps it out.',
        }
      : undefined,
  );
}

function adviceOn(configuration: Configuration, places: Places, environment: Environment): readonly Problem[] {
  return [
    ...adviceOnLength(configuration, places),
    ...adviceOnSinks(configuration, places),
    ...adviceInCluster(configuration, places, environment),
  ];
}

function adviceOnLength({ pubsub }: Configuration, places: Places): readonly Problem[] {
  const { max_receive_message_length: length } = pubsub;
  if (length === undefined || length >= 4_194_304) return [];
  const path = ['pubsub', 'max_receive_message_length'];
  const message =
    'a response has up to 100 events, and can be longer: such a response ends the stream. Give 4194304 or more.';
  return [{ setting: settingOf(path), at: places.ofValue(path), message }];
}

/** Each replica of a pod has files of its own: it would read everything, and take its dead letters with it. */
function adviceInCluster(
  { redis, nats, processing }: Configuration,
  places: Places,
  environment: Environment,
): readonly Problem[] {
  if (!environment.KUBERNETES_SERVICE_HOST || redis) return [];
  const hint = (name: string, message: string) => {
    const path = ['processing', name];
    return [{ setting: settingOf(path), at: places.ofValue(path), message }];
  };
  const letters = 'dead letters are files, also with nats: give each pod a volume for them, or they end with the pod.';
  if (nats) return hint('dead_letter_queue_path', letters);
  if (!processing.replay_from_stored) return [];
  const positions =
    'positions in files are for one replica with a volume: several would each read everything. Give redis or nats with lease: true.';
  return hint('replay_storage_path', positions);
}

/** Whether a file has settings. */
export function isValues(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

import { resolve } from 'node:path';
import { RxforceError, topicOf } from '@rxforce/core/model';
import { isLoopback } from '@rxforce/live-page/page';
import { didYouMean } from './closest-name.js';
import { engineFindings, enginesIn, sectionsWithLog, type EngineValues } from './engine-checks.js';
import type { Finding } from './issue-text.js';
import { withoutOrgFindings } from './log-checks.js';
import { loginOf, NEEDS } from './login-choice.js';
import { lineFormat } from './line-format.js';
import { replayFromOf } from './replay-from.js';
import { tableFindings, type TopicValues } from './table-checks.js';
import { isChannel } from './topic-names.js';

type Values = Readonly<Record<string, unknown>>;

/**
 * What a schema cannot check: settings that belong together. Values of a wrong kind are left to the schema, so that all
 * problems are reported at once.
 */
export function crossChecks(values: unknown): readonly Finding[] {
  const { salesforce, orgs, topics, sinks, processing, logging, http } = valuesOf(values);
  const engines = enginesIn(valuesOf(values));
  const list = Array.isArray(topics)
    ? topics.map((topic) => (typeof topic === 'string' ? { topic } : valuesOf(topic)))
    : [];
  return [
    ...orgFindings({ salesforce, orgs, sinks }, engines, list),
    ...list.flatMap((topic, index) => topicFindings(topic, ['topics', index], Object.keys(valuesOf(sinks)))),
    ...twice(list),
    ...tableFindings(list.map(named), valuesOf(sinks)),
    ...engineFindings(engines, list.map(named), valuesOf(processing)),
    ...fileFindings(valuesOf(sinks)),
    ...lostFindings(valuesOf(processing).on_lost_position, list),
    ...placeFindings(valuesOf(processing).replay_from, ['processing', 'replay_from']),
    ...formatFindings(valuesOf(logging).format),
    ...pageFindings(valuesOf(http)),
  ];
}

/** Everybody who reaches another address than one of this machine could look. */
function pageFindings({ host = '127.0.0.1', ui }: Values): readonly Finding[] {
  const { enabled, token } = valuesOf(ui);
  const isOn = enabled === true || enabled === 'true';
  if (!isOn || token !== undefined || typeof host !== 'string' || isLoopback(host)) return [];
  const message = `is missing. Everybody who reaches ${host} could look at the page: set a token, or enabled: false.`;
  return [{ path: ['http', 'ui', 'token'], message, isName: true }];
}

/** A file has one org, or several by their names: then each topic names its org. */
function orgFindings(
  { salesforce, orgs, sinks }: Values,
  engines: EngineValues,
  topics: readonly Values[],
): readonly Finding[] {
  if (orgs === undefined) {
    const without = topics.flatMap(({ org }, index) =>
      org === undefined ? [] : [{ path: ['topics', index, 'org'], message: 'there are no orgs: leave it out.' }],
    );
    return [...onlyOrgFindings({ salesforce, sinks }, engines, topics), ...without];
  }
  const names = Object.keys(valuesOf(orgs));
  const both =
    salesforce === undefined
      ? []
      : [{ path: ['orgs'], message: 'stands beside salesforce, of the file or of a variable. Give one of them.' }];
  const log = sectionsWithLog(engines).map((name) => ({
    path: [name, 'log'],
    message: 'is for one org: give salesforce, and each org a file of its own.',
  }));
  const none = names.length === 0 ? [{ path: ['orgs'], message: 'has no org in it.' }] : [];
  const logins = names.flatMap((name) => loginFindings(valuesOf(valuesOf(orgs)[name]), ['orgs', name]));
  return [...both, ...log, ...none, ...logins, ...topics.flatMap((topic, index) => orgOf(topic, index, names))];
}

/** What is in a log has been read already, so the file of a worker may do without an org. */
function onlyOrgFindings(
  { salesforce, sinks }: Values,
  engines: EngineValues,
  topics: readonly Values[],
): readonly Finding[] {
  if (salesforce !== undefined) return loginFindings(valuesOf(salesforce), ['salesforce']);
  if (sectionsWithLog(engines).length === 0) return [missing(['salesforce'])];
  return withoutOrgFindings(topics, valuesOf(sinks));
}

function missing(path: readonly string[]): Finding {
  return { path, message: 'is missing. It must be settings, each on a line of its own.' };
}

function orgOf({ org }: Values, index: number, names: readonly string[]): readonly Finding[] {
  const path = ['topics', index];
  if (org === undefined) return [{ path, message: `does not say its org. Give org: ${names.join(' or ')}.` }];
  if (typeof org !== 'string' || names.includes(org)) return [];
  return [{ path: [...path, 'org'], message: `there is no org of this name in orgs.${didYouMean(org, names)}` }];
}

function loginFindings(salesforce: Values, path: readonly string[]): readonly Finding[] {
  if (Object.keys(salesforce).length === 0) return [];
  const login = loginOf(salesforce);
  if (login === undefined) {
    const message = 'does not say how to log in: give a private key, a client secret, a password or an access token.';
    return [{ path, message, isName: true }];
  }
  const missing = NEEDS[login].filter((names) => !names.some((name) => salesforce[name] !== undefined));
  return missing.map((names) => ({
    path: [...path, names[0] ?? ''],
    message: `is missing. The login ${login} needs ${names.join(' or ')}.`,
    isName: true,
  }));
}

function topicFindings(
  topic: Values,
  path: readonly (string | number)[],
  sinks: readonly string[],
): readonly Finding[] {
  const { sink, where, replay_from: from } = topic;
  const at = typeof topic.topic === 'string' ? topic.topic : undefined;
  const unknownSink =
    typeof sink === 'string' && sink !== 'stdout' && !sinks.includes(sink)
      ? [{ path: [...path, 'sink'], message: `there is no sink of this name in sinks.${didYouMean(sink, sinks)}` }]
      : [];
  return [
    ...unknownSink,
    ...(at === undefined ? [] : nameFindings(at, topic, path)),
    ...placeFindings(from, [...path, 'replay_from']),
    ...whereFindings(where, [...path, 'where']),
  ];
}

function nameFindings(given: string, topic: Values, path: readonly (string | number)[]): readonly Finding[] {
  const name = nameOf(given);
  if (name.problem !== undefined) return [{ path: [...path, 'topic'], message: name.problem }];
  const findings: Finding[] = [];
  const isEvent = name.topic.startsWith('/event/');
  const { snapshot, change_types: types, on_lost_position: lost } = topic;
  if (isEvent && snapshot) findings.push({ path: [...path, 'snapshot'], message: 'platform events have no records.' });
  if (isEvent && types) {
    findings.push({ path: [...path, 'change_types'], message: 'platform events have no kinds of change.' });
  }
  if (snapshot === true && isChannel(name.topic)) {
    const message = 'a channel has several objects: name those whose records are read, such as [Account, Contact].';
    findings.push({ path: [...path, 'snapshot'], message });
  }
  if (lost === 'snapshot' && !snapshot) {
    findings.push({ path: [...path, 'on_lost_position'], message: 'snapshot needs snapshot: true at this topic.' });
  }
  return findings;
}

function twice(topics: readonly Values[]): readonly Finding[] {
  const seen = new Set<string>();
  return topics.flatMap(({ topic, org = '', name = 'default' }, index) => {
    if (typeof topic !== 'string' || nameOf(topic).problem !== undefined) return [];
    const key = `${String(org)} ${nameOf(topic).topic} ${String(name)}`;
    if (!seen.has(key)) {
      seen.add(key);
      return [];
    }
    return [
      { path: ['topics', index], message: 'this topic is there twice with the same name. Give one of them a name.' },
    ];
  });
}

function placeFindings(from: unknown, path: readonly (string | number)[]): readonly Finding[] {
  return typeof from === 'string' ? attempt(() => replayFromOf(from), path) : [];
}

function whereFindings(where: unknown, path: readonly (string | number)[]): readonly Finding[] {
  if (isEmpty(where)) {
    return [{ path, message: 'has no field in it. Name one, such as Name: { is_null: false }, or leave it out.' }];
  }
  return Object.entries(valuesOf(where)).flatMap(([field, comparisons]) => {
    const at = [...path, field];
    if (isEmpty(comparisons)) return [{ path: at, message: 'has no comparison in it. Give one, such as equals.' }];
    const { matches } = valuesOf(comparisons);
    return typeof matches !== 'string' || isPattern(matches)
      ? []
      : [{ path: [...at, 'matches'], message: 'must be a regular expression.' }];
  });
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

function isPattern(text: string): boolean {
  try {
    return Boolean(new RegExp(text, 'u'));
  } catch {
    return false;
  }
}

/** Two writers of one file would rotate it under each other. */
function fileFindings(sinks: Values): readonly Finding[] {
  const seen = new Map<string, string>();
  return Object.entries(sinks).flatMap(([name, sink]) => {
    const { type, path } = valuesOf(sink);
    if (type !== 'file' || typeof path !== 'string') return [];
    const file = resolve(path);
    const other = seen.get(file);
    if (other === undefined) {
      seen.set(file, name);
      return [];
    }
    const message = `is the file of the sink ${other}, too. Give it another one, or let the topics go to ${other}.`;
    return [{ path: ['sinks', name, 'path'], message }];
  });
}

/** `processing` says it for all topics, and only one with a snapshot can do it. */
function lostFindings(lost: unknown, topics: readonly Values[]): readonly Finding[] {
  const isRead = ({ snapshot = false }: Values) => String(snapshot) !== 'false';
  if (lost !== 'snapshot' || topics.some(isRead)) return [];
  const message = 'snapshot needs a topic with snapshot: true, and there is none, so all of them would fail.';
  return [{ path: ['processing', 'on_lost_position'], message }];
}

function formatFindings(format: unknown): readonly Finding[] {
  return typeof format === 'string' ? attempt(() => lineFormat(format), ['logging', 'format']) : [];
}

function attempt(check: () => unknown, path: readonly (string | number)[]): readonly Finding[] {
  try {
    check();
    return [];
  } catch (error) {
    return [{ path, message: RxforceError.from(error).message }];
  }
}

function named(topic: Values): TopicValues {
  const name = typeof topic.topic === 'string' ? nameOf(topic.topic) : undefined;
  return { ...topic, wholeName: name?.problem === undefined ? name?.topic : undefined };
}

function nameOf(given: string): { readonly topic: string; readonly problem?: string } {
  try {
    return { topic: topicOf(given) };
  } catch (error) {
    return { topic: given, problem: RxforceError.from(error).message };
  }
}

function valuesOf(value: unknown): Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Values) : {};
}

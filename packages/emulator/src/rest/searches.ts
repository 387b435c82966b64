import { parseQuery } from '../soql/parse-query.js';
import { runQuery } from '../soql/run-query.js';
import { SoqlError } from '../soql/soql-error.js';
import { asObject } from './json-object.js';
import { OrgObject } from './org-object.js';
import { recordJson } from './record-json.js';
import { bodyOf, json, type RestCall, type RestRoute } from './rest-call.js';
import type { RestObject } from './rest-object.js';
import { RestProblem } from './rest-problem.js';
import { parseSearch, type SearchedFields, type SearchTarget } from './sosl/parse-search.js';
import { wordsOf, type WordTest } from './sosl/search-words.js';

/** The endpoints of searches for words. */
export const SEARCH_ROUTES: readonly RestRoute[] = [
  ['GET', '/search', (call) => json({ searchRecords: search(call, call.request.query.get('q')) })],
  ['GET', '/parameterizedSearch', (call) => json({ searchRecords: simpleSearch(call) })],
  ['POST', '/parameterizedSearch', (call) => json({ searchRecords: bodySearch(call) })],
];

/** Most records of a search. */
const MAX_FOUND = 2000;
/** Most objects that a search names. */
const MAX_OBJECTS = 20;

/** The searched types of fields, by the word after IN. */
const TYPES: Readonly<Record<SearchedFields, ReadonlySet<string> | undefined>> = {
  ALL: undefined,
  NAME: undefined,
  EMAIL: new Set(['email']),
  PHONE: new Set(['phone']),
};

function search(call: RestCall, text: string | null): object[] {
  if (text === null || text.trim() === '') {
    throw new RestProblem(400, 'MALFORMED_SEARCH', 'A search is required: give it as the parameter q.');
  }
  const { words, fields, targets, limit } = parseSearch(text);
  return found(call, wordsOf(words), fields, targets, limit);
}

/** Runs a search from the parameters of the address. */
function simpleSearch(call: RestCall): object[] {
  const { query } = call.request;
  const targets = query.getAll('sobject').map((object): SearchTarget => {
    const fields = query.get(`${object}.fields`) ?? query.get('fields') ?? 'Id';
    return { object, rest: fields };
  });
  return found(call, wordsOf(query.get('q') ?? ''), 'ALL', targets, MAX_FOUND);
}

function bodySearch(call: RestCall): object[] {
  const { q, sobjects, fields = ['Id'] } = bodyOf(call);
  if (typeof q !== 'string') {
    throw new RestProblem(400, 'MALFORMED_SEARCH', 'The body has the words to search for as q.', ['q']);
  }
  const targets = (Array.isArray(sobjects) ? sobjects : []).map((each: unknown): SearchTarget => {
    const { name, fields: own = fields } = asObject(each);
    if (typeof name !== 'string') {
      throw new RestProblem(400, 'MALFORMED_SEARCH', 'Each object to search has a name.', ['sobjects']);
    }
    return { object: name, rest: fieldList(own) };
  });
  return found(call, wordsOf(q), 'ALL', targets, MAX_FOUND);
}

function fieldList(names: unknown): string {
  if (!Array.isArray(names) || !names.every((name) => typeof name === 'string')) {
    throw new RestProblem(400, 'MALFORMED_SEARCH', 'fields is a list of names of fields.', ['fields']);
  }
  return names.join(', ');
}

function found(
  call: RestCall,
  words: WordTest,
  fields: SearchedFields,
  targets: readonly SearchTarget[],
  limit: number,
): object[] {
  if (targets.length > MAX_OBJECTS) {
    const message = `A search is of at most ${MAX_OBJECTS} objects, and this one names ${targets.length}.`;
    throw new RestProblem(400, 'MALFORMED_SEARCH', message);
  }
  const all = call.replica.list().filter((object) => object instanceof OrgObject);
  const where = targets.length > 0 ? targets : all.map(({ name }): SearchTarget => ({ object: name, rest: 'Id' }));
  return where.flatMap((target) => foundIn(call, words, fields, target)).slice(0, Math.min(limit, MAX_FOUND));
}

/** The records of one object. Its limit is applied to the records that were found. */
function foundIn(call: RestCall, words: WordTest, fields: SearchedFields, { object, rest }: SearchTarget): object[] {
  const [, columns = '', conditions = ''] = /^([^]*?)((?:\b(?:WHERE|ORDER|LIMIT|OFFSET)\b[^]*)?)$/i.exec(rest) ?? [];
  const text = `SELECT ${columns.trim() || 'Id'} FROM ${object} ${conditions}`;
  try {
    const { limit, ...query } = parseQuery(text);
    const findings = runQuery(query, call.replica, { deleted: false });
    const target = call.replica.object(object);
    const matching = target === undefined ? [] : findings.rows.filter((row) => words(textsOf(target, fields, row)));
    return matching.slice(0, limit).map((row) => recordJson(call, row, findings.columns));
  } catch (error) {
    throw error instanceof SoqlError ? new RestProblem(400, error.errorCode, error.describe(text)) : error;
  }
}

function textsOf(object: RestObject, fields: SearchedFields, row: Parameters<typeof recordJson>[1]): string[] {
  const types = TYPES[fields];
  return object.fields
    .filter(({ kind }) => kind === 'string')
    .filter((field) => types?.has(field.type.type) ?? (fields !== 'NAME' || field.name === 'Name'))
    .flatMap((field) => row.get(field) ?? [])
    .map(String);
}

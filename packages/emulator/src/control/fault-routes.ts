import { ConfigurationError } from '@rxforce/core/model';
import { FAULT_COMMANDS } from '../faults/fault-commands.js';
import type { Faults } from '../faults/faults.js';
import { suggestion } from '../model/option-checks.js';
import { jsonBodyOf } from '../http/json-body.js';
import { type HttpAnswer, type HttpRequest, restError, type Route } from '../http/route.js';

/** The path where faults are listed; below it, they are requested by name. */
export const FAULTS_PATH = '/emulator/faults';

/** The endpoints that cause faults. */
export function faultRoutes(faults: Faults): Route[] {
  return [
    { method: 'GET', path: FAULTS_PATH, handle: list },
    { method: 'POST', path: `${FAULTS_PATH}/*`, handle: (request) => order(faults, request) },
  ];
}

function list(): HttpAnswer {
  const summaries = Object.entries(FAULT_COMMANDS).map(([name, { summary }]) => [name, summary]);
  return { type: 'json', status: 200, body: Object.fromEntries(summaries) as unknown };
}

function order(faults: Faults, { path, body }: HttpRequest): Promise<HttpAnswer> {
  return causeFault(faults, path.slice(FAULTS_PATH.length + 1), body);
}

/** Causes a fault, and answers what it gave, or what is wrong with the request. */
export async function causeFault(faults: Faults, name: string, body: string): Promise<HttpAnswer> {
  const command = Object.entries(FAULT_COMMANDS).find(([each]) => each === name)?.[1];
  if (command === undefined) {
    const known = Object.keys(FAULT_COMMANDS);
    return restError(
      404,
      'NOT_FOUND',
      `There is no fault "${name}". There are ${known.join(', ')}.${suggestion(name, known)}`,
    );
  }
  const options = jsonBodyOf(body);
  if (options === undefined) {
    return restError(400, 'JSON_PARSER_ERROR', `The body is the options of ${name} as a JSON object, or is empty.`);
  }
  try {
    const result = await command.run(faults, options);
    return { type: 'json', status: 200, body: { result: result ?? null } };
  } catch (error) {
    if (error instanceof ConfigurationError) return restError(400, 'INVALID_FAULT', error.message);
    throw error;
  }
}

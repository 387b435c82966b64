import { ConfigurationError } from '@rxforce/core/model';
import type { Org } from '../org/org.js';
import { jsonBodyOf } from '../http/json-body.js';
import { type HttpAnswer, type HttpRequest, restError, type Route } from '../http/route.js';

/** The path where objects and platform events are defined and listed. */
export const DEFINE_PATH = '/emulator/define';

/** The endpoint that defines objects and platform events while the emulator runs. */
export function defineRoutes(org: Org): Route[] {
  return [
    { method: 'GET', path: DEFINE_PATH, handle: () => list(org) },
    { method: 'POST', path: DEFINE_PATH, handle: (request) => define(org, request) },
  ];
}

function list(org: Org): HttpAnswer {
  return { type: 'json', status: 200, body: { objects: org.entities(), events: org.platformEvents() } };
}

function define(org: Org, { body }: HttpRequest): HttpAnswer {
  const definitions = jsonBodyOf(body);
  if (definitions === undefined) {
    const form = '{ "objects": { "Thing__c": { "fields": { "Size__c": "Number" } } }, "events": { … } }';
    return restError(400, 'JSON_PARSER_ERROR', `The body is the definitions as a JSON object: ${form}.`);
  }
  try {
    return { type: 'json', status: 200, body: { result: org.define(definitions) } };
  } catch (error) {
    if (error instanceof ConfigurationError) return restError(400, 'INVALID_DEFINITION', error.message);
    throw error;
  }
}

import { RestProblem } from './rest-problem.js';

/** A JSON object from a client. */
export type JsonObject = Readonly<Record<string, unknown>>;

/**
 * A JSON value that must be an object.
 *
 * @throws {@link RestProblem} when it is not.
 */
export function asObject(value: unknown): JsonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new RestProblem(400, 'JSON_PARSER_ERROR', 'An object in JSON is expected here.');
  }
  return value as JsonObject;
}

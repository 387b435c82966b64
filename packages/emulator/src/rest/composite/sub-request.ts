import type { HttpAnswer, HttpRequest } from '../../http/route.js';
import { isApiVersion } from '../api-versions.js';
import type { RestCall } from '../rest-call.js';
import { RestProblem } from '../rest-problem.js';

/** Most requests in a composite or a batch. */
const MAX_REQUESTS = 25;
/** Requests that may not be inside others: those with requests inside. */
const NESTED = /\/composite(?:\/(?:batch|graph))?\/?$/;

/** A request inside another one. */
export interface SubRequest {
  readonly method: string;
  /** The path with the version; `/services/data` before it is optional. */
  readonly url: string;
  readonly body?: unknown;
}

/**
 * The requests in a list of a body.
 *
 * @throws {@link RestProblem} when there are none, too many, or one is no request.
 */
export function subRequests(name: string, list: unknown, most = MAX_REQUESTS): Readonly<Record<string, unknown>>[] {
  if (!Array.isArray(list) || list.length === 0) {
    throw new RestProblem(400, 'REQUIRED_FIELD_MISSING', `The body has a list of requests as ${name}.`, [name]);
  }
  if (list.length > most) {
    const message = `Too many requests: ${name} has ${list.length}, and at most ${most} are taken.`;
    throw new RestProblem(400, 'LIMIT_EXCEEDED', message);
  }
  return list.map((each: unknown) => {
    if (typeof each !== 'object' || each === null || Array.isArray(each)) {
      throw new RestProblem(400, 'JSON_PARSER_ERROR', `Each request of ${name} is an object.`);
    }
    const { method, url } = each as Readonly<Record<string, unknown>>;
    if (typeof method !== 'string' || typeof url !== 'string') {
      throw new RestProblem(400, 'REQUIRED_FIELD_MISSING', `Each request of ${name} has a method and a url.`);
    }
    return each as Readonly<Record<string, unknown>>;
  });
}

/** Performs a request inside another one, with the session and the client of that. */
export function perform(call: RestCall, { method, url, body }: SubRequest): HttpAnswer {
  const target = targetOf(url);
  // As the service takes paths: it must not be by its slashes that one is no composite.
  const path = target?.pathname.replace(/\/{2,}/g, '/') ?? '';
  if (target === undefined || NESTED.test(path)) {
    const message = `'${url}' cannot be requested here. Give a path such as /services/data/v${call.version}/sobjects/Account.`;
    return new RestProblem(400, 'INVALID_INPUT', message).toAnswer();
  }
  const { authorization, 'sforce-call-options': callOptions } = call.request.headers;
  const request: HttpRequest = {
    method: method.toUpperCase(),
    path,
    query: target.searchParams,
    headers: {
      'content-type': 'application/json',
      ...(authorization !== undefined && { authorization }),
      ...(callOptions !== undefined && { 'sforce-call-options': callOptions }),
    },
    body: body === undefined ? '' : JSON.stringify(body),
  };
  return call.dispatch(request);
}

function targetOf(url: string): URL | undefined {
  const path = url.replace(/^\/+/, '');
  const [version = ''] = path.split('/', 1);
  const full = `http://localhost/${isApiVersion(version) ? 'services/data/' : ''}${path}`;
  return URL.canParse(full) ? new URL(full) : undefined;
}

/** The body of an answer, or `null`. */
export function bodyOfAnswer(answer: HttpAnswer): unknown {
  return answer.type === 'json' ? answer.body : answer.body === '' ? null : answer.body;
}

/** Whether an answer says that something failed. */
export function isFailure({ status }: Pick<HttpAnswer, 'status'>): boolean {
  return status >= 400;
}

import type { Bus } from '../bus/bus.js';
import type { HttpAnswer, HttpRequest, Route } from '../http/route.js';
import type { ManagedSubscriptionRecords } from '../managed/managed-subscription.js';
import type { MemoryOrg } from '../org/org.js';
import type { Random } from '../model/random.js';
import type { SchemaRegistry } from '../schemas/schema-registry.js';
import type { Sessions } from '../sessions/sessions.js';
import type { QueryRow } from '../soql/queryable.js';
import { acceptsJson } from './accepts-json.js';
import { isApiVersion } from './api-versions.js';
import { asObject, type JsonObject } from './json-object.js';
import type { RestObjects } from './rest-objects.js';
import { notFound, RestProblem } from './rest-problem.js';
import type { RestState } from './rest-state.js';
import type { ToolingObjects } from './tooling/tooling-objects.js';
import { reasonOf } from '@rxforce/core/internal';

/** The parts of the emulator that the REST API needs. */
export interface RestContext {
  readonly org: MemoryOrg;
  readonly bus: Bus;
  readonly schemas: SchemaRegistry;
  readonly random: Random;
  readonly sessions: Sessions;
  readonly managed: ManagedSubscriptionRecords;
  readonly instanceUrl: string;
  readonly state: RestState;
  /** The time, in milliseconds since 1970. */
  readonly now: () => number;
}

/** {@link RestContext}, and the parts of the REST API itself. */
export interface RestServices extends RestContext, Pick<RestState, 'usage' | 'cursors' | 'queryJobs'> {
  /** The objects, with their records of the moment. */
  readonly objects: RestObjects;
  /** The objects, with the records that queries read, which may lag behind. */
  readonly replica: RestObjects;
  readonly tooling: ToolingObjects;
  /** Answers a request that came inside another one, which is not counted by itself. */
  readonly dispatch: (request: HttpRequest) => HttpAnswer;
}

/** A request with a valid session. */
export interface RestCall extends RestServices {
  readonly request: HttpRequest;
  /** The segments in place of the asterisks of the route's path. */
  readonly segments: readonly string[];
  /** The version of the API, such as `64.0`. */
  readonly version: string;
  /** The beginning of resource paths, such as `/services/data/v64.0`. */
  readonly base: string;
}

/** A row of the table of routes: method, the path below the version, what answers, and in what if not in JSON. */
export type RestRoute = readonly [
  method: Route['method'],
  path: string,
  handle: (call: RestCall) => HttpAnswer,
  format?: 'csv',
];

/** Answers requests that bring a session, on all versions of the API. */
export function toRoute(services: RestServices, [method, path, handle, format]: RestRoute): Route<HttpAnswer> {
  return {
    method,
    path: `/services/data/*${path}`,
    handle: (request, [version = '', ...segments]) => {
      try {
        checkRequest(services, request, version, format);
        const base = `/services/data/${version}`;
        return handle({ ...services, request, segments, version: version.slice(1), base });
      } catch (error) {
        if (!(error instanceof RestProblem)) throw error;
        const answer = error.toAnswer();
        return error.status === 401 ? { ...answer, headers: { 'www-authenticate': 'Token' } } : answer;
      }
    },
  };
}

/** Checks the common parts of every request, before anything is done. */
function checkRequest(
  { sessions }: RestServices,
  { headers }: HttpRequest,
  version: string,
  format: RestRoute[3],
): void {
  const { accept, authorization = '' } = headers;
  if (!isApiVersion(version)) throw notFound();
  if (authorization !== '' && !SCHEMES.test(authorization)) {
    throw new RestProblem(401, 'INVALID_AUTH_HEADER', 'INVALID_HEADER_TYPE');
  }
  if (!sessions.isValid(accessTokenOf(headers))) {
    throw new RestProblem(401, 'INVALID_SESSION_ID', 'Session expired or invalid');
  }
  if (format === undefined && !acceptsJson(accept)) {
    const message = `The emulator answers in JSON alone, and '${accept ?? ''}' leaves it out.`;
    throw new RestProblem(406, 'NOT_ACCEPTABLE', message);
  }
}

/**
 * The same route, each request to which counts, but for those that nobody's session made. When the limit is used up,
 * none is performed. The answer comes when what the request has changed is committed.
 */
export function counted({ usage, sessions, org }: RestServices, route: Route<HttpAnswer>): Route {
  const withUsage = (answer: HttpAnswer): HttpAnswer => ({
    ...answer,
    headers: { ...answer.headers, 'sforce-limit-info': usage.header },
  });
  return {
    ...route,
    handle: (request, segments) => {
      if (usage.isUsedUp && sessions.isValid(accessTokenOf(request.headers))) return withUsage(USED_UP.toAnswer());
      const { mark } = org.held;
      const answer = route.handle(request, segments);
      if (answer.status === 401) return answer;
      usage.count();
      const counted = withUsage(answer);
      return org.held.committedSince(mark)?.then(() => counted) ?? counted;
    },
  };
}

const USED_UP = new RestProblem(403, 'REQUEST_LIMIT_EXCEEDED', 'TotalRequests Limit exceeded.');

/** How an access token may be sent. */
const SCHEMES = /^(?:Bearer|OAuth) (.+)$/i;

function accessTokenOf({ authorization }: HttpRequest['headers']): string {
  return SCHEMES.exec(authorization ?? '')?.[1] ?? '';
}

/** An answer without content. */
export function noContent(): HttpAnswer {
  return { type: 'text', status: 204, body: '' };
}

/** An answer in JSON. */
export function json(body: unknown, status = 200, headers: Readonly<Record<string, string>> = {}): HttpAnswer {
  return { type: 'json', status, body, headers };
}

/** The address of a record. */
export function urlOf({ base }: Pick<RestCall, 'base'>, { object, id }: Pick<QueryRow, 'object' | 'id'>): string {
  return `${base}/sobjects/${object}/${id}`;
}

/** The origin of a change in change events: the API, and the client where it gave its name. */
export function changeOriginOf({ version, request }: RestCall): string {
  const options = request.headers['sforce-call-options'];
  const client = /(?:^|[,;\s])client=([^,;]+)/i.exec(String(options ?? ''))?.[1]?.trim();
  return `com/salesforce/api/rest/${version}${client === undefined ? '' : `;client=${client}`}`;
}

/**
 * The object in a request's body.
 *
 * @throws {@link RestProblem} when there is none.
 */
export function bodyOf({ request }: Pick<RestCall, 'request'>): JsonObject {
  const { body, headers } = request;
  const contentType = headers['content-type'] ?? 'application/json';
  if (!/json/i.test(contentType)) {
    throw new RestProblem(415, 'UNSUPPORTED_MEDIA_TYPE', `Content type '${contentType}' not supported. Send JSON.`);
  }
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch (error) {
    throw new RestProblem(400, 'JSON_PARSER_ERROR', reasonOf(error));
  }
  return asObject(parsed);
}

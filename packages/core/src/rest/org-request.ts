import { kindOf } from '../model/answer.js';
import { ConfigurationError } from '../model/errors.js';
import { checkOptionNames } from '../model/option-names.js';
import { LONGEST_TIMER_MS, wholeNumber } from '../model/whole-number.js';

/** A call of the org's REST API, as far as it differs from a GET. */
export interface OrgRequest {
  /**
   * The HTTP method.
   *
   * @defaultValue `'GET'`
   */
  readonly method?: string;
  /** Headers beside the authorization, which the client adds. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The body, as text or bytes. Give its `content-type` in the headers. */
  readonly body?: string | Uint8Array;
  /**
   * Whether the call may be made again with a new session, when the old one was refused. A refused call has had no
   * effect; leave it at `false` for bodies that must not be sent twice.
   *
   * @defaultValue `true` for GET and HEAD, `false` for others
   */
  readonly retry?: boolean;
  /**
   * How long the answer's head may take, in milliseconds; from 1. The body may take longer, and that of a refusal as
   * long again.
   *
   * @defaultValue 30_000
   */
  readonly timeoutMs?: number;
  /** Ends the call, and rejects with its reason. */
  readonly signal?: AbortSignal;
}

/** A call, checked and complete. */
export interface ResolvedOrgRequest {
  readonly path: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array | undefined;
  readonly retry: boolean;
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
}

const NAMES: readonly string[] = [
  'method',
  'headers',
  'body',
  'retry',
  'timeoutMs',
  'signal',
] satisfies (keyof OrgRequest)[];

const TIMEOUT_MS = 30_000;

/**
 * Checks a call, and fills in the defaults.
 *
 * @throws `ConfigurationError` when the path or an option cannot be right. It shows no header and no body.
 */
export function resolveOrgRequest(path: unknown, request: OrgRequest): ResolvedOrgRequest {
  // A whole URL, or one without a scheme, would send the session elsewhere.
  if (typeof path !== 'string' || !path.startsWith('/') || /^\/[/\\]/.test(path)) {
    const given = typeof path === 'string' ? JSON.stringify(path.slice(0, 100)) : kindOf(path);
    throw new ConfigurationError(
      `client.fetch() got the path ${given}, but needs one of the org, such as "/services/data/v65.0/sobjects".`,
    );
  }
  checkOptionNames(Object(request), NAMES, { of: 'client.fetch()' });
  const { method = 'GET', headers = {}, body, timeoutMs = TIMEOUT_MS, signal } = request;
  if (typeof (method as unknown) !== 'string') {
    throw new ConfigurationError(
      `client.fetch() got ${kindOf(method)} as the method, but needs a text such as "PATCH".`,
    );
  }
  if (body !== undefined && typeof body !== 'string' && !((body as unknown) instanceof Uint8Array)) {
    throw new ConfigurationError(
      `client.fetch() got ${kindOf(body)} as the body, but needs text or bytes. For JSON, give JSON.stringify(…) and the header ` +
        '"content-type": "application/json".',
    );
  }
  const { retry = ['GET', 'HEAD'].includes(method.toUpperCase()) } = request;
  wholeNumber('timeoutMs of client.fetch()', timeoutMs, 1, LONGEST_TIMER_MS);
  return { path, method: method.toUpperCase(), headers, body, retry, timeoutMs, signal };
}

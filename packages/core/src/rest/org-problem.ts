import {
  AuthenticationError,
  LimitExceededError,
  ServiceError,
  ThrottledError,
  type RxforceError,
} from '../model/errors.js';
import type { ResolvedOrgRequest } from './org-request.js';

/** The org's own words in an answer that refuses a call. */
interface OrgWords {
  readonly errorCode?: string;
  readonly message?: string;
}

/** The error code of a session that is over, or never was. */
const INVALID_SESSION = 'INVALID_SESSION_ID';

/**
 * The error of a call that the org refused.
 *
 * @param status - The HTTP status.
 * @param body - The answer's body, as far as it was read.
 */
export function orgProblem({ method, path }: ResolvedOrgRequest, status: number, body: string): RxforceError {
  const { errorCode, message } = wordsIn(body);
  // A query holds values.
  const call = `${method} ${path.replace(/[?#].*/s, '')}`;
  const said = errorCode === undefined ? '' : `: ${errorCode}${message === undefined ? '' : `, ${message}`}`;
  const text = `The org refused ${call} (HTTP ${status})${said}.`;
  const details = errorCode === undefined ? {} : { serviceCode: errorCode };
  if (status === 401 || errorCode === INVALID_SESSION) {
    return new AuthenticationError(
      `${text} The session was refused. Check that the app may use the REST API (scope "api").`,
      { ...details, reason: 'other', retriable: true },
    );
  }
  if (errorCode === 'REQUEST_LIMIT_EXCEEDED') {
    return new LimitExceededError(`${text} The org's calls of a day are used up, or too many run at once.`, {
      ...details,
      retriable: true,
    });
  }
  if (status === 429 || status === 503) return new ThrottledError(`${text} Make fewer calls for a while.`, details);
  return new ServiceError(text, { ...details, retriable: status >= 500 });
}

/** Whether an answer says that the session is not valid any more. */
export function refusesSession(status: number, body: string): boolean {
  return status === 401 || (status === 403 && wordsIn(body).errorCode === INVALID_SESSION);
}

function wordsIn(body: string): OrgWords {
  try {
    const answer = JSON.parse(body) as unknown;
    const words: unknown = Array.isArray(answer) ? answer[0] : answer;
    const { errorCode, message } = Object(words) as { errorCode?: unknown; message?: unknown };
    return {
      ...(typeof errorCode === 'string' && { errorCode }),
      ...(typeof message === 'string' && { message: message.slice(0, 500) }),
    };
  } catch {
    return {};
  }
}

import type { HttpAnswer } from '../http/route.js';

/** A request, or one record of it, that the service refuses. It never leaves the emulator: clients get its parts. */
export class RestProblem extends Error {
  override readonly name = 'RestProblem';
  /** The status of the answer, when the whole request is refused. */
  readonly status: number;
  /** Salesforce's code of the error. */
  readonly errorCode: string;
  /** API names of the invalid fields; `undefined` where the problem is not about fields. */
  readonly fields: readonly string[] | undefined;

  constructor(status: number, errorCode: string, message: string, fields?: readonly string[]) {
    super(message);
    this.status = status;
    this.errorCode = errorCode;
    this.fields = fields;
  }

  /** The answer to a request that is refused as a whole. */
  toAnswer(): HttpAnswer {
    const { status, errorCode, message, fields } = this;
    return { type: 'json', status, body: [{ message, errorCode, ...(fields !== undefined && { fields }) }] };
  }

  /** The error in the results of a request with many records. */
  toResultError(): SaveError {
    return { statusCode: this.errorCode, message: this.message, fields: this.fields ?? [] };
  }
}

/** Why one record of many was not saved. */
export interface SaveError {
  readonly statusCode: string;
  readonly message: string;
  readonly fields: readonly string[];
}

/** The problem of a missing resource. */
export function notFound(message = 'The requested resource does not exist'): RestProblem {
  return new RestProblem(404, 'NOT_FOUND', message);
}

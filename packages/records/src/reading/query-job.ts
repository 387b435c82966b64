import { catchError, defer, filter, finalize, map, repeat, switchMap, take, tap, timer, type Observable } from 'rxjs';
import { ProtocolError, ServiceError } from '@rxforce/core/model';
import { callOrg, readJson, type OrgContext } from './call-org.js';
import { explainQuery } from './refused-query.js';
import { isRecordId, jobQuery, type Selection } from './soql.js';

/** How long to wait before a job is looked at again, in milliseconds: half as long again each time. */
const FIRST_WAIT_MS = 2_000;
const LONGEST_WAIT_MS = 30_000;
const JSON_BODY = { 'content-type': 'application/json' };

/** What the org says of a job. */
interface JobInfo {
  readonly id?: unknown;
  readonly state?: unknown;
  readonly errorMessage?: unknown;
}

/**
 * Starts a job that queries all records, and emits its id when the results are there. A job that is left before is
 * aborted.
 *
 * Errors with a `ServiceError` when the job fails, or somebody aborts it.
 */
export function finishedJob(context: OrgContext, selection: Selection): Observable<string> {
  return defer(() => {
    let running: string | undefined;
    return start(context, selection).pipe(
      tap((job) => (running = job)),
      switchMap((job) => completed(context, job)),
      tap({ next: () => (running = undefined), error: () => (running = undefined) }),
      finalize(() => {
        if (running !== undefined) abort(context, running);
      }),
    );
  });
}

function start(context: OrgContext, selection: Selection): Observable<string> {
  const body = JSON.stringify({ operation: 'query', query: jobQuery(selection) });
  // A second job, where the first one's answer was lost, reads nothing twice: only one is asked for results.
  const request = { method: 'POST', headers: JSON_BODY, body, retry: true };
  return callOrg(context, { path: '/jobs/query', request, read: readJson }).pipe(
    explainQuery(selection),
    map((answer) => {
      const { id } = Object(answer) as JobInfo;
      if (isRecordId(id)) return id;
      throw new ProtocolError('The org answered with a job that has no id.');
    }),
  );
}

function completed(context: OrgContext, job: string): Observable<string> {
  const delay = (looks: number) =>
    timer(Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 1.5 ** Math.min(looks - 1, 10)), context.scheduler);
  return callOrg(context, { path: `/jobs/query/${job}`, read: readJson }).pipe(
    map((answer) => stateOf(job, Object(answer) as JobInfo)),
    repeat({ delay }),
    filter((state) => state === 'JobComplete'),
    take(1),
    map(() => job),
  );
}

/** @throws `ServiceError` when the job has ended without results. */
function stateOf(job: string, { state, errorMessage }: JobInfo): unknown {
  if (state !== 'Failed' && state !== 'Aborted') return state;
  const said = typeof errorMessage === 'string' ? `: ${errorMessage}` : '';
  throw new ServiceError(
    `The job ${job} of the Bulk API ended without results (${state})${said}. Look at Bulk Data Load Jobs in Setup; fewer ` +
      "fields or a narrower condition help where it takes too long, or by: 'rest'.",
  );
}

/** Nobody waits for it. */
function abort(context: OrgContext, job: string): void {
  const request = { method: 'PATCH', headers: JSON_BODY, body: '{"state":"Aborted"}', retry: true };
  const { client, apiVersion } = context;
  client.fetch(`/services/data/v${apiVersion}/jobs/query/${job}`, request).catch(() => undefined);
}

/** Whether an error says that a job or its results are not there any more: results are kept for seven days. */
export function isGone(error: unknown): boolean {
  return (
    ServiceError.is(error) && ['NOT_FOUND', 'INVALIDJOBSTATE', 'ENTITY_IS_DELETED'].includes(error.serviceCode ?? '')
  );
}

/** Goes on with another Observable where a job is gone. */
export function whereGone<R>(otherwise: () => Observable<R>) {
  return catchError<R, Observable<R>>((error: unknown) => {
    if (!isGone(error)) throw error;
    return otherwise();
  });
}

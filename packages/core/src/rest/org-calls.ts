import { ClientClosedError, RxforceError } from '../model/errors.js';
import type { ProxyOption } from '../net/proxy.js';
import type { OrgSession, SharedSession } from '../ports/session-provider.js';
import type { OrgHttp } from './org-http.js';
import { orgProblem, refusesSession } from './org-problem.js';
import { resolveOrgRequest, type OrgRequest, type ResolvedOrgRequest } from './org-request.js';

/** How many of the org's calls of REST are used up, as its last answer said. */
export interface ApiUsage {
  /** Calls of the last 24 hours, of all users. */
  readonly used: number;
  /** How many the org has. */
  readonly limit: number;
  /** When the org said so, in epoch milliseconds. */
  readonly at: number;
}

/** Most of a refusing answer that is read, in bytes. */
const MAX_PROBLEM_BYTES = 65_536;

/** Calls of an org's REST API, on the session that all calls of a client share. */
export class OrgCalls {
  /** What the org said last of its limit. */
  usage: ApiUsage | undefined;
  private http: Promise<OrgHttp> | undefined;
  private isClosed = false;

  constructor(
    private readonly session: SharedSession,
    private readonly way: { readonly ca: string | undefined; readonly proxy: ProxyOption },
    private readonly now: () => number,
  ) {}

  /**
   * Makes a call. A session that is refused is renewed, once, and the call made again where that is safe.
   *
   * @param path - Such as `/services/data/v65.0/limits`.
   */
  async fetch(path: string, request: OrgRequest = {}): Promise<Response> {
    const call = resolveOrgRequest(path, request);
    const session = await this.open();
    const response = await this.answer(session, call);
    if (response.ok) return this.accepted(session, response);
    const body = await headOf(response, call.timeoutMs);
    if (!refusesSession(response.status, body)) {
      this.session.accepted(session);
      throw orgProblem(call, response.status, body);
    }
    this.session.refused(session);
    const next = call.retry ? await this.open() : session;
    if (next === session) throw orgProblem(call, response.status, body);
    const again = await this.answer(next, call);
    if (again.ok) return this.accepted(next, again);
    const said = await headOf(again, call.timeoutMs);
    if (refusesSession(again.status, said)) this.session.refused(next);
    throw orgProblem(call, again.status, said);
  }

  /** Ends the calls under way, and makes no more. */
  close(): void {
    this.isClosed = true;
    void this.http?.then((http) => http.close());
  }

  private async open(): Promise<OrgSession> {
    this.checkOpen();
    const session = await this.session.current();
    this.checkOpen();
    return session;
  }

  private async answer(session: OrgSession, call: ResolvedOrgRequest): Promise<Response> {
    // What talks HTTP is loaded by the first call.
    this.http ??= import('./org-http.js').then(({ OrgHttp: Http }) => new Http(this.way));
    const http = await this.http;
    this.checkOpen();
    try {
      const response = await http.send(session, call);
      this.noteUsage(response.headers.get('sforce-limit-info'));
      // Node's own Response comes from another copy of the same library.
      // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- alike in all its members
      return response;
    } catch (error) {
      if (RxforceError.is(error)) this.checkOpen();
      throw error;
    }
  }

  private accepted(session: OrgSession, response: Response): Response {
    this.session.accepted(session);
    return response;
  }

  /** Such as `api-usage=18/15000`. */
  private noteUsage(info: string | null): void {
    const found = /api-usage=(\d+)\/(\d+)/.exec(info ?? '');
    if (found) this.usage = { used: Number(found[1]), limit: Number(found[2]), at: this.now() };
  }

  private checkOpen(): void {
    if (this.isClosed) throw new ClientClosedError('The client was closed. Make another one with createClient().');
  }
}

/** The beginning of a refusing answer, as far as it comes in time: the status says enough. */
async function headOf({ body }: Response, timeoutMs: number): Promise<string> {
  const reader = body?.getReader();
  const late = setTimeout(() => void reader?.cancel().catch(() => undefined), timeoutMs);
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    while (length <= MAX_PROBLEM_BYTES) {
      const step = await reader?.read();
      if (step === undefined || step.done) break;
      const chunk = step.value as Uint8Array;
      chunks.push(chunk);
      length += chunk.length;
    }
  } catch {
    // What came is all that is known.
  } finally {
    clearTimeout(late);
    void reader?.cancel().catch(() => undefined);
  }
  return Buffer.concat(chunks).toString('utf8', 0, MAX_PROBLEM_BYTES);
}

import type { HttpAnswer } from '../../http/route.js';
import { asObject } from '../json-object.js';
import { bodyOf, changeOriginOf, json, type RestCall } from '../rest-call.js';
import { RestProblem } from '../rest-problem.js';
import { resolved, resolvedUrl } from './references.js';
import { bodyOfAnswer, isFailure, perform, type SubRequest, subRequests } from './sub-request.js';

/** A request of a composite. */
interface NamedRequest extends SubRequest {
  readonly referenceId: string;
}

/** The result of one request of a composite. */
interface NamedAnswer {
  readonly body: unknown;
  readonly httpHeaders: Readonly<Record<string, string>>;
  readonly httpStatusCode: number;
  readonly referenceId: string;
}

const REFERENCE_ID = /^[a-z]\w*$/i;
const ROLLED_BACK = 'The transaction was rolled back since another operation in the same transaction failed.';

/** Requests one after the other, where later ones can use the answers to earlier ones. */
export function composite(call: RestCall): HttpAnswer {
  const { compositeRequest, allOrNone } = bodyOf(call);
  return json({ compositeResponse: performAll(call, namedRequests(compositeRequest), allOrNone === true).answers });
}

/** Composites beside each other, of which each is done as a whole or not at all. */
export function compositeGraph(call: RestCall): HttpAnswer {
  const { graphs } = bodyOf(call);
  if (!Array.isArray(graphs)) {
    throw new RestProblem(400, 'REQUIRED_FIELD_MISSING', 'The body has a list of composites as graphs.', ['graphs']);
  }
  return json({
    graphs: checkedGraphs(graphs).map(({ graphId, requests }) => {
      const { answers, succeeded } = performAll(call, requests, true);
      return { graphId, graphResponse: { compositeResponse: answers }, isSuccessful: succeeded };
    }),
  });
}

/** A composite among others. */
interface Graph {
  readonly graphId: string;
  readonly requests: readonly NamedRequest[];
}

/** Most graphs of a call, and most requests of all its graphs. */
const MAX_GRAPHS = 75;
const MAX_IN_GRAPHS = 500;
const GRAPH_ID = /^[a-z\d][^.]{0,38}$/i;

/** All graphs are checked before the first is performed: a call that is refused has changed nothing. */
function checkedGraphs(list: readonly unknown[]): Graph[] {
  if (list.length > MAX_GRAPHS) {
    const message = `Too many graphs: the body has ${list.length}, and at most ${MAX_GRAPHS} are taken.`;
    throw new RestProblem(400, 'LIMIT_EXCEEDED', message);
  }
  const seen = new Set<string>();
  let left = MAX_IN_GRAPHS;
  return list.map((graph) => {
    const { graphId, compositeRequest } = asObject(graph);
    if (typeof graphId !== 'string' || !GRAPH_ID.test(graphId) || seen.has(graphId)) {
      const message =
        'Each graph has a graphId of its own: a text of less than 40 characters, a letter or digit first, no period.';
      throw new RestProblem(400, 'INVALID_INPUT', message, ['graphId']);
    }
    seen.add(graphId);
    const requests = namedRequests(compositeRequest, MAX_IN_GRAPHS);
    left -= requests.length;
    if (left < 0) {
      const message = `Too many requests: the graphs of one call have at most ${MAX_IN_GRAPHS} together.`;
      throw new RestProblem(400, 'LIMIT_EXCEEDED', message);
    }
    return { graphId, requests };
  });
}

/** The failure of one request, with which all fail. */
class Halted extends Error {}

function performAll(
  call: RestCall,
  requests: readonly NamedRequest[],
  allOrNone: boolean,
): { readonly answers: readonly NamedAnswer[]; readonly succeeded: boolean } {
  const answers: NamedAnswer[] = [];
  if (!allOrNone) {
    performInOrder(call, requests, (answer) => answers.push(answer));
    return { answers, succeeded: !answers.some(hasFailed) };
  }
  try {
    call.org.together(
      () =>
        performInOrder(call, requests, (answer) => {
          answers.push(answer);
          if (hasFailed(answer)) throw new Halted();
        }),
      { origin: changeOriginOf(call) },
    );
    return { answers, succeeded: true };
  } catch (error) {
    if (!(error instanceof Halted)) throw error;
    const failed = answers.at(-1);
    const all = requests.map(({ referenceId }) =>
      failed?.referenceId === referenceId ? failed : rolledBack(referenceId),
    );
    return { answers: all, succeeded: false };
  }
}

function namedRequests(list: unknown, most?: number): NamedRequest[] {
  const seen = new Set<string>();
  return subRequests('compositeRequest', list, most).map(({ method, url, body, referenceId }) => {
    if (typeof referenceId !== 'string' || !REFERENCE_ID.test(referenceId) || seen.has(referenceId)) {
      const message = `Each request has a referenceId of its own: letters, digits and underscores, a letter first.`;
      throw new RestProblem(400, 'INVALID_INPUT', message, ['referenceId']);
    }
    seen.add(referenceId);
    return {
      method: String(method),
      url: String(url),
      referenceId,
      ...(body !== undefined && body !== null && { body }),
    };
  });
}

function performInOrder(call: RestCall, requests: readonly NamedRequest[], tell: (answer: NamedAnswer) => void): void {
  const bodies = new Map<string, unknown>();
  for (const request of requests) {
    const { referenceId } = request;
    const answer = performOne(call, request, bodies);
    const body = bodyOfAnswer(answer);
    if (!isFailure(answer)) bodies.set(referenceId, body);
    const { location } = answer.headers ?? {};
    const httpHeaders: Readonly<Record<string, string>> = location === undefined ? {} : { Location: location };
    tell({ body, httpHeaders, httpStatusCode: answer.status, referenceId });
  }
}

function performOne(
  call: RestCall,
  { method, url, body }: NamedRequest,
  bodies: ReadonlyMap<string, unknown>,
): HttpAnswer {
  try {
    return perform(call, { method, url: resolvedUrl(url, bodies), body: resolved(body, bodies) });
  } catch (error) {
    if (error instanceof RestProblem) return error.toAnswer();
    throw error;
  }
}

function hasFailed({ httpStatusCode }: NamedAnswer): boolean {
  return isFailure({ status: httpStatusCode });
}

function rolledBack(referenceId: string): NamedAnswer {
  const body = [{ errorCode: 'PROCESSING_HALTED', message: ROLLED_BACK }];
  return { body, httpHeaders: {}, httpStatusCode: 400, referenceId };
}

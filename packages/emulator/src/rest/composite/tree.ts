import type { HttpAnswer } from '../../http/route.js';
import type { RecordOperations } from '../../org/transaction.js';
import { asObject, type JsonObject } from '../json-object.js';
import type { OrgObject } from '../org-object.js';
import { writableObject } from '../records.js';
import { bodyOf, changeOriginOf, json, type RestCall } from '../rest-call.js';
import { RestProblem } from '../rest-problem.js';
import { createOperation } from '../save.js';

/** Most records of a request, and how deep they may stand in each other. */
const MAX_RECORDS = 200;
const MAX_DEPTH = 5;

/** A record of a tree, and what stands below it. */
interface Node {
  readonly referenceId: string;
  readonly object: OrgObject;
  readonly fields: JsonObject;
  /** API name of the field that names the record above, where there is one. */
  readonly parentField: string | undefined;
  readonly children: readonly Node[];
}

/** Creates records with those that name them, in one transaction: all or none. */
export function tree(call: RestCall): HttpAnswer {
  const { records } = bodyOf(call);
  const object = writableObject(call, call.segments[0]);
  const roots = nodesOf(call, object, undefined, records, 1);
  checkReferences(roots);
  const results: { readonly referenceId: string; readonly id: string }[] = [];
  try {
    call.org.together(
      () => call.org.transaction((tx) => roots.forEach((root) => create(call, tx, root, undefined, results))),
      { origin: changeOriginOf(call) },
    );
  } catch (error) {
    if (!(error instanceof NodeProblem)) throw error;
    const { referenceId, problem } = error;
    return json({ hasErrors: true, results: [{ referenceId, errors: [problem.toResultError()] }] }, 400);
  }
  return json({ hasErrors: false, results }, 201);
}

/** What one record of a tree is refused with. */
class NodeProblem extends Error {
  readonly referenceId: string;
  readonly problem: RestProblem;

  constructor(referenceId: string, problem: RestProblem) {
    super(problem.message);
    this.referenceId = referenceId;
    this.problem = problem;
  }
}

function create(
  call: RestCall,
  tx: RecordOperations,
  { referenceId, object, fields, parentField, children }: Node,
  parentId: string | undefined,
  results: { readonly referenceId: string; readonly id: string }[],
): void {
  const body = parentField === undefined ? fields : { ...fields, [parentField]: parentId };
  const { id } = blaming(referenceId, () => createOperation(object, body, (name) => call.objects.object(name))(tx));
  results.push({ referenceId, id });
  children.forEach((child) => create(call, tx, child, id, results));
}

function blaming<T>(referenceId: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw error instanceof RestProblem ? new NodeProblem(referenceId, error) : error;
  }
}

function nodesOf(
  call: RestCall,
  object: OrgObject,
  parentField: string | undefined,
  records: unknown,
  depth: number,
): Node[] {
  if (!Array.isArray(records)) {
    throw new RestProblem(400, 'INVALID_INPUT', 'The body has a list of records.', ['records']);
  }
  if (depth > MAX_DEPTH) {
    throw new RestProblem(400, 'INVALID_INPUT', `Records stand in each other more than ${MAX_DEPTH} levels deep.`);
  }
  return records.map((record: unknown) => nodeOf(call, object, parentField, asObject(record), depth));
}

function nodeOf(
  call: RestCall,
  object: OrgObject,
  parentField: string | undefined,
  record: JsonObject,
  depth: number,
): Node {
  const { type, referenceId } = asObject(record.attributes ?? {});
  if (typeof referenceId !== 'string' || referenceId === '') {
    throw new RestProblem(400, 'INVALID_INPUT', 'Include a reference ID for each record in the request.');
  }
  if (typeof type !== 'string' || type.toLowerCase() !== object.name.toLowerCase()) {
    const message = `The record '${referenceId}' stands where records of ${object.name} do, and says otherwise.`;
    throw new RestProblem(400, 'INVALID_INPUT', message);
  }
  const children: Node[] = [];
  const fields: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(record)) {
    const relationship = object.childRelationship(name);
    if (relationship === undefined) {
      fields[name] = value;
      continue;
    }
    const child = writableObject(call, relationship.object.name);
    children.push(...nodesOf(call, child, relationship.field.name, asObject(value).records, depth + 1));
  }
  return { referenceId, object, fields, parentField, children };
}

function checkReferences(roots: readonly Node[]): void {
  const all = roots.flatMap(withBelow);
  if (all.length > MAX_RECORDS) {
    const message = `A tree has at most ${MAX_RECORDS} records, and this one has ${all.length}.`;
    throw new RestProblem(400, 'INVALID_INPUT', message);
  }
  const seen = new Set<string>();
  for (const { referenceId } of all) {
    if (seen.has(referenceId)) {
      throw new RestProblem(400, 'INVALID_INPUT', `Duplicate ReferenceId provided in the request: ${referenceId}`);
    }
    seen.add(referenceId);
  }
}

function withBelow(node: Node): Node[] {
  return [node, ...node.children.flatMap(withBelow)];
}

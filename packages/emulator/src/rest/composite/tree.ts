import type { HttpAnswer } from '../../http/route.js';
import type { RecordOperations } from '../../org/transaction.js';
import { asObject, type JsonObject } from '../json-object.js';
import type { OrgObject } from '../org-object.js';
import { writableObject } from '../records.js';
import { bodyOf, changeOriginOf, json, type RestCall } from '../rest-call.js';
import type { ChildRelationship } from '../rest-object.js';
import { RestProblem } from '../rest-problem.js';
import { createOperation } from '../save.js';

/** Most records of a request, and how deep they may be nested. */
const MAX_RECORDS = 200;
const MAX_DEPTH = 5;

/** A record of a tree, with the records below it. */
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
  const roots = new TreeReader(call).nodesOf(object, undefined, records, 1);
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

/** The refusal of one record of a tree. */
class NodeProblem extends Error {
  constructor(
    readonly referenceId: string,
    readonly problem: RestProblem,
  ) {
    super(problem.message);
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

/** Reads the records of a tree. They are counted before they are read, so that no tree takes long. */
class TreeReader {
  private readonly references = new Set<string>();
  /** For each object, the ways to its children by their names in lower case. */
  private readonly relationships = new Map<OrgObject, ReadonlyMap<string, ChildRelationship>>();
  private count = 0;

  constructor(private readonly call: RestCall) {}

  nodesOf(object: OrgObject, parentField: string | undefined, records: unknown, depth: number): Node[] {
    if (!Array.isArray(records)) {
      throw new RestProblem(400, 'INVALID_INPUT', 'The body has a list of records.', ['records']);
    }
    if (depth > MAX_DEPTH) {
      throw new RestProblem(400, 'INVALID_INPUT', `Records stand in each other more than ${MAX_DEPTH} levels deep.`);
    }
    this.count += records.length;
    if (this.count > MAX_RECORDS) {
      throw new RestProblem(400, 'INVALID_INPUT', `A tree has at most ${MAX_RECORDS} records, and this one has more.`);
    }
    return records.map((record: unknown) => this.nodeOf(object, parentField, asObject(record), depth));
  }

  private nodeOf(object: OrgObject, parentField: string | undefined, record: JsonObject, depth: number): Node {
    const referenceId = this.referenceOf(object, record);
    const relationships = this.relationshipsOf(object);
    const children: Node[] = [];
    const fields: [string, unknown][] = [];
    for (const [name, value] of Object.entries(record)) {
      const relationship = relationships.get(name.toLowerCase());
      if (relationship === undefined) {
        fields.push([name, value]);
        continue;
      }
      const child = writableObject(this.call, relationship.object.name);
      children.push(...this.nodesOf(child, relationship.field.name, asObject(value).records, depth + 1));
    }
    return { referenceId, object, fields: Object.fromEntries(fields), parentField, children };
  }

  private referenceOf(object: OrgObject, { attributes }: JsonObject): string {
    const { type, referenceId } = asObject(attributes ?? {});
    if (typeof referenceId !== 'string' || referenceId === '') {
      throw new RestProblem(400, 'INVALID_INPUT', 'Include a reference ID for each record in the request.');
    }
    if (typeof type !== 'string' || type.toLowerCase() !== object.name.toLowerCase()) {
      const message = `The record '${referenceId}' stands where records of ${object.name} do, and says otherwise.`;
      throw new RestProblem(400, 'INVALID_INPUT', message);
    }
    if (this.references.has(referenceId)) {
      throw new RestProblem(400, 'INVALID_INPUT', `Duplicate ReferenceId provided in the request: ${referenceId}`);
    }
    this.references.add(referenceId);
    return referenceId;
  }

  private relationshipsOf(object: OrgObject): ReadonlyMap<string, ChildRelationship> {
    const known = this.relationships.get(object);
    if (known !== undefined) return known;
    const named = object
      .childRelationships()
      .flatMap((each) => (each.name === null ? [] : [[each.name, each] as const]));
    // When two have the same name, the first counts, as in queries.
    const relationships = new Map(named.reverse().map(([name, each]) => [name.toLowerCase(), each]));
    this.relationships.set(object, relationships);
    return relationships;
  }
}

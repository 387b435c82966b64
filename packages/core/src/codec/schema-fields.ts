import type avro from 'avsc';
import type { Type } from 'avsc';
import { types } from './avsc.js';
import type { FieldKind } from '../model/event-fields.js';
import { closestName } from '../model/closest-name.js';
import { unionBranches } from './union-branches.js';

/**
 * The fields of a schema's events, and the children of its compound fields as `Compound.Child`. Worked out when asked
 * for.
 */
export class SchemaFields {
  private kindsByPath: ReadonlyMap<string, readonly FieldKind[]> | undefined;

  /** @param fields - Those of the record, without a change event's header. */
  constructor(private readonly fields: readonly avro.types.Field[]) {}

  /** All paths: the fields in the order of the schema, each before its children. */
  paths(): readonly string[] {
    return [...this.all().keys()];
  }

  /** The kinds of values that a field has, besides null; `undefined` where there is no such field. */
  kindsOf(path: string): readonly FieldKind[] | undefined {
    return this.all().get(path);
  }

  /** The path that was probably meant by one that is not there; `undefined` where none comes close. */
  closestTo(path: string): string | undefined {
    const paths = new Map<string, string>();
    // In this order: where two names come as close, a field goes before the part of one.
    for (const namesOf of [itself, restName, ownName]) {
      for (const each of this.all().keys()) {
        const name = namesOf(each);
        if (name !== undefined && !paths.has(name)) paths.set(name, each);
      }
    }
    const closest = closestName(path, [...paths.keys()]);
    return closest === undefined ? undefined : paths.get(closest);
  }

  private all(): ReadonlyMap<string, readonly FieldKind[]> {
    return (this.kindsByPath ??= new Map(this.fields.flatMap(kindsOfField)));
  }
}

function kindsOfField({ name, type }: avro.types.Field): [string, readonly FieldKind[]][] {
  const children = branchesOf(type).flatMap((branch) => (branch instanceof types.RecordType ? branch.fields : []));
  return [
    [name, kindsOfType(type)],
    ...children.map((child): [string, readonly FieldKind[]] => [`${name}.${child.name}`, kindsOfType(child.type)]),
  ];
}

function kindsOfType(type: Type): readonly FieldKind[] {
  return [...new Set(branchesOf(type).flatMap(kindOfBranch))];
}

function branchesOf(type: Type): readonly Type[] {
  return unionBranches(type) ?? [type];
}

function kindOfBranch(type: Type): readonly FieldKind[] {
  if (type instanceof types.RecordType || type instanceof types.MapType) return ['compound'];
  if (type instanceof types.ArrayType) return ['list'];
  if (type instanceof types.EnumType) return ['text'];
  if (type instanceof types.FixedType) return ['bytes'];
  switch (type.typeName) {
    case 'null':
      return [];
    case 'string':
      return ['text'];
    case 'boolean':
      return ['boolean'];
    case 'bytes':
      return ['bytes'];
    default:
      return ['number'];
  }
}

function itself(path: string): string {
  return path;
}

/** As the REST API names the part of a compound field: `BillingCity`, `Home__Latitude__s`. */
function restName(path: string): string | undefined {
  const [field = '', child] = path.split('.');
  return child && field.replace(/Address$|__c$/, '') + child;
}

/** As the REST API names the parts of a person's name: `FirstName`. */
function ownName(path: string): string | undefined {
  return path.split('.')[1];
}

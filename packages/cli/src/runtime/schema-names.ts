import { didYouMean } from '../config/closest-name.js';
import type { TopicPlan } from './topic-plan.js';

interface AvroField {
  readonly name: string;
  readonly type: unknown;
}

/** The records of a schema, by their names. */
type Definitions = Map<string, readonly AvroField[]>;

/** What a change event has beside its fields. */
const HEADER = 'ChangeEventHeader';

/**
 * Says which names of a topic's settings are no fields of its events.
 *
 * @param json - The Avro schema of the events.
 * @returns A sentence for each wrong name.
 */
export function wrongNames(
  json: string,
  { fields = [], where = {}, partitionBy }: Pick<TopicPlan, 'fields' | 'where' | 'partitionBy'>,
): readonly string[] {
  const { name: event, fields: all = [] } = JSON.parse(json) as { name: string; fields?: readonly AvroField[] };
  const definitions: Definitions = new Map();
  const own = all.filter(({ name }) => name !== HEADER);
  const children = new Map(own.map(({ name, type }) => [name, partsOf(type, definitions)]));
  const paths = Object.keys(where);
  // The plan reads the fields of `where`, too.
  const asked = fields.filter((name) => !paths.some((path) => path.split('.')[0] === name));
  const problem = (setting: string, path: string, isWhole: boolean) => {
    const [root = '', part] = path.split('.');
    const parts = children.get(root);
    const isThere = parts !== undefined && (part === undefined || (!isWhole && parts.includes(part)));
    if (isThere) return [];
    return [`${setting} names ${path}, which is no field of ${event}.${hint(path, children, isWhole)}`];
  };
  return [
    ...asked.flatMap((name) => problem('fields', name, true)),
    ...paths.flatMap((path) => problem('where', path, false)),
    ...(partitionBy === undefined ? [] : problem('partition_by', partitionBy, true)),
  ];
}

function hint(path: string, children: ReadonlyMap<string, readonly string[]>, isWhole: boolean): string {
  const [root = '', part] = path.split('.');
  const parts = children.get(root);
  if (parts !== undefined && part !== undefined && isWhole) return ` Name ${root}, which comes whole.`;
  const [compound] = [...children].find(([, inner]) => inner.includes(path)) ?? [];
  if (compound !== undefined) {
    return isWhole ? ` Name ${compound}, which has it.` : ` Did you mean ${compound}.${path}?`;
  }
  if (parts !== undefined && part !== undefined) {
    return didYouMean(
      path,
      parts.map((each) => `${root}.${each}`),
    );
  }
  const names = [...children].flatMap(([name, inner]) => [
    name,
    ...(isWhole ? [] : inner.map((each) => `${name}.${each}`)),
  ]);
  return didYouMean(path, names);
}

/** The names of the parts of a compound field; none where it is no compound. */
function partsOf(type: unknown, definitions: Definitions): readonly string[] {
  if (Array.isArray(type)) return type.flatMap((branch) => partsOf(branch, definitions));
  if (typeof type === 'string') return (definitions.get(shortName(type)) ?? []).map(({ name }) => name);
  const {
    type: kind,
    name = '',
    fields,
  } = Object(type) as {
    readonly type?: unknown;
    readonly name?: string;
    readonly fields?: readonly AvroField[];
  };
  if (kind !== 'record' || !fields) return [];
  // Another field may have the same compound, by its name.
  definitions.set(shortName(name), fields);
  return fields.map((field) => field.name);
}

function shortName(name: string): string {
  return name.split('.').at(-1) ?? name;
}

import { didYouMean } from '../config/closest-name.js';
import { fieldAt, schemaFieldsOf, type SchemaFields } from './schema-fields.js';
import type { TopicPlan } from './topic-plan.js';
import { whereProblems } from './where-problems.js';

/**
 * Says which names and comparisons of a topic's settings do not fit the fields of its events.
 *
 * @param json - The Avro schema of the events.
 * @returns A sentence for each of them.
 */
export function wrongNames(
  json: string,
  { fields = [], where = {}, partitionBy }: Pick<TopicPlan, 'fields' | 'where' | 'partitionBy'>,
): readonly string[] {
  const schema = schemaFieldsOf(json);
  const paths = Object.keys(where);
  // The plan reads the fields of `where`, too.
  const asked = fields.filter((name) => !paths.some((path) => path.split('.')[0] === name));
  return [
    ...asked.flatMap((name) => problem('fields', name, schema)),
    ...whereProblems(where, schema).map(({ message }) => message),
    ...(partitionBy === undefined ? [] : problem('partition_by', partitionBy, schema)),
  ];
}

function problem(setting: string, name: string, schema: SchemaFields): readonly string[] {
  const isThere = !name.includes('.') && fieldAt(schema, name) !== undefined;
  return isThere ? [] : [`${setting} names ${name}, which is no field of ${schema.event}.${hint(name, schema)}`];
}

function hint(path: string, { fields }: SchemaFields): string {
  const [root = '', part] = path.split('.');
  if (part !== undefined && fields.has(root)) return ` Name ${root}, which comes whole.`;
  const [compound] = [...fields].find(([, { parts }]) => parts.has(path)) ?? [];
  return compound === undefined ? didYouMean(path, [...fields.keys()]) : ` Name ${compound}, which has it.`;
}

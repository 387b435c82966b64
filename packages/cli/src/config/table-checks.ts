import type { Finding } from './issue-text.js';
import { entityOf, isChannel } from './topic-names.js';

type Values = Readonly<Record<string, unknown>>;

/** A topic as the file has it, with its whole name; `undefined` where that is wrong. */
export type TopicValues = Values & { readonly wholeName: string | undefined };

/** A topic whose records are kept in tables. */
interface TableTopic {
  readonly index: number;
  readonly org: string;
  /** The database and the schema: sinks with other names may have the same. */
  readonly place: string;
  readonly sink: string;
  /** The objects that it surely has. A channel may have others. */
  readonly objects: readonly string[];
}

/**
 * Tables that are written twice. A snapshot removes the rows that it did not read: those of another org, and what
 * another topic has written.
 *
 * @param topics - The topics. One whose name is wrong is left out.
 */
export function tableFindings(topics: readonly TopicValues[], sinks: Values): readonly Finding[] {
  const seen: TableTopic[] = [];
  return topics.flatMap((topic, index) => {
    const own = tableTopic(topic, index, sinks);
    if (own === undefined) return [];
    const same = seen.filter(({ place }) => place === own.place);
    seen.push(own);
    const other = same.find(({ org }) => org !== own.org);
    const path = ['topics', index];
    if (other) return [{ path, message: ofOtherOrg(own, other) }];
    const objects = own.objects.filter((object) => same.some((each) => each.objects.includes(object)));
    return objects.slice(0, 1).map((object) => ({ path, message: ofOtherTopic(object, own, same) }));
  });
}

function ofOtherOrg({ org, sink }: TableTopic, other: TableTopic): string {
  return (
    `the tables of the sink ${sink} are those of the org ${other.org}, and a snapshot of one org removes the rows of the other. ` +
    `Give ${org} a sink of its own, with another schema or database.`
  );
}

function ofOtherTopic(object: string, { sink }: TableTopic, same: readonly TableTopic[]): string {
  const other = same.find(({ objects }) => objects.includes(object));
  return (
    `the table of ${object} in the sink ${sink} is written by topics[${other?.index ?? 0}], too, and one removes the rows of the other. ` +
    'Leave one of them out, or give it a sink of its own, with another schema or database.'
  );
}

function tableTopic(topic: TopicValues, index: number, sinks: Values): TableTopic | undefined {
  const { wholeName, org = '' } = topic;
  const sink = sinkNameOf(topic, sinks);
  if (wholeName === undefined || typeof sink !== 'string' || !Object.hasOwn(sinks, sink)) return undefined;
  const { type, url, schema = '' } = Object(sinks[sink]) as Values;
  if (type !== 'postgres' && type !== 'sqlite') return undefined;
  const place = JSON.stringify([String(url).replace(/^sqlite:/, ''), schema]);
  const { snapshot } = topic;
  return {
    index,
    org: String(org),
    place,
    sink,
    objects: Array.isArray(snapshot) ? snapshot.map(String) : objectOf(wholeName),
  };
}

function objectOf(topic: string): readonly string[] {
  return isChannel(topic) || topic.startsWith('/event/') ? [] : [entityOf(topic)];
}

/** The sink that a topic names, or the only one there is. */
export function sinkNameOf({ sink, pipeline }: Values, sinks: Values): unknown {
  return sink ?? (pipeline === undefined ? onlyOne(sinks) : undefined);
}

/** Where events go where a topic names no sink. */
function onlyOne(sinks: Values): string | undefined {
  const [name, ...others] = Object.keys(sinks);
  return others.length === 0 ? name : undefined;
}

import type { Finding } from './issue-text.js';
import { sinkNameOf, type TopicValues } from './table-checks.js';

type Values = Readonly<Record<string, unknown>>;

/** What counts when a topic is written into a log, and for which all that read it there must agree. */
const OF_ALL = ['replay_from', 'on_lost_position', 'partition_by'] as const;

/**
 * A log has each topic once, for all its workers: entries of one topic cannot differ in what the reader of the org
 * does.
 */
export function relayFindings(topics: readonly TopicValues[], processing: Values): readonly Finding[] {
  return topics.flatMap((topic, index) => {
    const { wholeName } = topic;
    const first = topics.findIndex((each) => wholeName !== undefined && each.wholeName === wholeName);
    if (first === index || first === -1) return [];
    const differing = OF_ALL.filter(
      (name) => valueOf(topic, name, processing) !== valueOf(topics[first], name, processing),
    );
    return differing.map((name) => ({
      path: ['topics', index, name],
      message: `differs from topics[${first}].${name}, and the log has each topic once. Give both the same.`,
    }));
  });
}

/** A file for workers needs no org. What its sinks need one for is known before the first event. */
export function withoutOrgFindings(topics: readonly Values[], sinks: Values): readonly Finding[] {
  return topics.flatMap((topic, index) => {
    const sink = String(sinkNameOf(topic, sinks));
    const { type, format } = Object(Object.hasOwn(sinks, sink) ? sinks[sink] : {}) as Values;
    const why =
      type === 'postgres' || type === 'sqlite'
        ? 'the fields of a table, and what gap events do not say, are asked of the org'
        : format === 'cloudevents'
          ? 'CloudEvents name the org as their source'
          : undefined;
    const message = `goes to the sink ${sink}, and ${why}: give salesforce, also for workers.`;
    return why === undefined ? [] : [{ path: ['topics', index], message }];
  });
}

function valueOf(topic: Values | undefined, name: string, processing: Values): unknown {
  return topic?.[name] ?? processing[name];
}

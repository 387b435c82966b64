import { ConfigurationError } from '../model/errors.js';

/** The name of a topic's partition, in keys of positions and leases, in statuses and in messages. */
export function partitionTopic(topic: string, partition: number): string {
  return `${topic}#${partition}`;
}

/** The topic and the partition of such a name. */
export function partitionIn(name: string): { readonly topic: string; readonly partition: number } {
  const [, topic, partition] = /^(.+)#(\d+)$/.exec(name) ?? [];
  if (topic === undefined) throw new ConfigurationError(`"${name}" names no partition of an event log.`);
  return { topic, partition: Number(partition) };
}

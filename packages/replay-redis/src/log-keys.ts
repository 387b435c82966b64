import { hashTag } from './redis-keys.js';

/** The keys of a topic of a log, all in one slot. */
export interface TopicKeys {
  readonly state: string;
  /** The stream of a partition. */
  stream(partition: number): string;
  /** The positions of groups in a partition. */
  groups(partition: number): string;
}

/** The keys of a log. */
export interface LogKeys {
  readonly log: string;
  readonly schemas: string;
  topic(name: string): TopicKeys;
}

/** @param name - The name of the log. */
export function logKeys(prefix: string, name: string): LogKeys {
  const log = hashTag(prefix, ['log', name]);
  return {
    log,
    schemas: `${log}:schemas`,
    topic: (topic) => {
      const tag = hashTag(prefix, ['log', name, topic]);
      return {
        state: `${tag}:state`,
        stream: (partition) => `${tag}:${partition}`,
        groups: (partition) => `${tag}:${partition}:groups`,
      };
    },
  };
}

/** The key of the members of a group. */
export function membersKey(prefix: string, group: string): string {
  return hashTag(prefix, ['members', group]);
}

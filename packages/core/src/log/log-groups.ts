import type { ReplayFrom } from '../position/replay-options.js';
import type { ReplayStore } from '../ports/replay-store.js';

/** A group of readers of a topic that this process belongs to. */
export interface LogGroup {
  /** The topic's whole name. */
  readonly topic: string;
  /** The name of the positions. */
  readonly name: string;
  /** Where the positions of all its members are. */
  readonly store: ReplayStore;
  /** Where a member begins that finds no position. */
  readonly from: ReplayFrom;
  /** The id of the log. */
  readonly logId: string;
  /** How many partitions the log has. */
  readonly partitions: number;
}

/** The groups of a client, each for as long as it is subscribed. */
export class LogGroups {
  private readonly groups = new Set<LogGroup>();

  /** @returns A function that leaves the group. */
  join(group: LogGroup): () => void {
    this.groups.add(group);
    return () => this.groups.delete(group);
  }

  /** Each once, however often it is subscribed to. */
  all(): readonly LogGroup[] {
    return [...new Map([...this.groups].map((group) => [JSON.stringify([group.topic, group.name]), group])).values()];
  }
}

import { headerWith } from '../model/change-header.js';
import type { ChangeEvent, StreamEvent } from '../model/events.js';
import { asText } from '../model/json.js';
import { partitionOf } from '../model/partition.js';
import type { EventOf } from '../subscribe/hand-out.js';
import { LoggedEvent } from './logged-event.js';

/** The partition whose events are made. */
export interface OfPartition {
  readonly topic: string;
  readonly partition: number;
  /** How many partitions the log has. */
  readonly partitions: number;
}

/**
 * Makes the events of a partition as those of its topic are made. They have their replay id at the service, and their
 * version. A merged event has only the records of its partition: the others come with other partitions.
 */
export function loggedEventOf<E extends StreamEvent>(eventOf: EventOf<E>, of: OfPartition): EventOf<E> {
  return (received, _name, payload, schema, fields) => {
    const made = eventOf(received, of.topic, payload, schema, fields);
    const { event } = received;
    // Where the events of a log are received, they are of this class.
    if (!(event instanceof LoggedEvent)) return made;
    const { origin, version, isSplit } = event;
    return asText(Object.assign(made, { origin, version }, isSplit ? ofPartition(made, of) : {}));
  };
}

function ofPartition(made: StreamEvent, { partition, partitions }: OfPartition): Partial<ChangeEvent> {
  const { header } = made as Partial<ChangeEvent>;
  const split = { partition, of: partitions };
  // A wildcard is about records of each partition.
  const recordIds = header?.recordIds.filter((id) => id.endsWith('*') || partitionOf(id, partitions) === partition);
  return header ? { split, header: headerWith(header, { recordIds: recordIds ?? [] }) } : { split };
}

import type { Emulator } from '@rxforce/emulator';
import { once } from './once.js';
import type { DemoTopic } from './topics.js';

/** Changes that people and integrations make all the time. */
const STEADY_EVENTS = 1_400;
const STEADY_EVENTS_PER_SECOND = 200;
/** In the midst of it somebody imports a file: nothing but big deals, more than can be handled as fast as they come. */
const IMPORT_AFTER_EVENTS = 300;
const IMPORTED_RECORDS = 500;
const RECORDS_PER_TRANSACTION = 100;

/** How many change events a burst makes. */
export const BURST_EVENTS = STEADY_EVENTS + IMPORTED_RECORDS;

/** The changes made to one object while the demo runs, as the org counts them. */
export interface Burst {
  /** How many change events the org has made so far. */
  made(): number;
  /** Ids of the records that were imported: each has one event, and that event must be handled. */
  readonly imported: ReadonlySet<string>;
  /** Makes no more changes. */
  stop(): void;
}

/** Begins to change records of one object: a steady load, and an import on top of it. */
export function startBurst(emulator: Emulator, { entity, bigDeal }: DemoTopic): Burst {
  const load = emulator.startLoad({
    entities: [entity],
    eventsPerSecond: STEADY_EVENTS_PER_SECOND,
    limit: STEADY_EVENTS,
  });
  const imported = new Set<string>();
  const importing = once(() => load.made >= IMPORT_AFTER_EVENTS).subscribe(() => {
    while (imported.size < IMPORTED_RECORDS) {
      const records = Array.from({ length: RECORDS_PER_TRANSACTION }, (_, index) => bigDeal(imported.size + index));
      emulator.org.create(entity, records).forEach((id) => imported.add(id));
    }
  });

  return {
    // No two records of the import are alike, so the org merges none of them: one event each.
    made: () => load.made + imported.size,
    imported,
    stop: () => {
      importing.unsubscribe();
      load.stop();
    },
  };
}

import type { Bus, EventVersion, NewLateEvent } from '../bus/bus.js';
import type { Random } from '../model/random.js';
import type { EventDraft } from './change-events.js';
import type { Channels, EnrichedRoute } from './channels.js';
import { enrichedBody, takesEnrichment } from './enrichment.js';
import type { FieldValues } from './values.js';

/** As on large orgs, this is beyond the exact integers of a double. */
const FIRST_COMMIT_NUMBER = 1_709_303_151_782_928_388n;
const LARGEST_COMMIT_STEP = 5000;

/** The header fields that all events of a transaction share. */
export interface TransactionHeader {
  readonly changeOrigin: string;
  readonly commitUser: string;
  /** The commit time, in milliseconds since 1970, in whole seconds. */
  readonly commitTimestamp: number;
}

/** The parts that a publisher needs. */
export interface ChangePublisherContext {
  readonly bus: Bus;
  readonly random: Random;
  readonly channels: Channels;
  /** The current values of a record, or the last values of a deleted one. */
  readonly valuesOf: (recordId: string) => FieldValues;
  /** Whether the object's own topic and the topic of all changes carry its events. */
  readonly isSelected: (entity: string) => boolean;
}

/** Puts the change events of transactions on the bus: on the topics of the objects, and on their channels. */
export class ChangePublisher {
  private commitNumber = FIRST_COMMIT_NUMBER;

  constructor(private readonly context: ChangePublisherContext) {}

  /** Publishes the events of one transaction. */
  publish(drafts: readonly EventDraft[], common: TransactionHeader): void {
    const { random } = this.context;
    if (drafts.length === 0) return;
    this.commitNumber += BigInt(1 + random.below(LARGEST_COMMIT_STEP));
    const ofTransaction = { ...common, transactionKey: random.uuid(), commitNumber: this.commitNumber };
    drafts.forEach((draft, index) => this.publishOne(draft, { ...ofTransaction, sequenceNumber: index + 1 }));
  }

  private publishOne(draft: EventDraft, ofTransaction: object): void {
    const { bus, random, channels, isSelected } = this.context;
    const { entity, body } = draft;
    const { name } = entity.definition;
    const topics = isSelected(name) ? entity.topics : [];
    const header = headerOf(draft, ofTransaction);
    const event = { id: random.uuid(), schemaId: entity.schemaId, payload: entity.encoder.encode(header, body) };
    const routes = channels.routesOf(name);
    if (routes === undefined) {
      if (topics.length > 0) bus.append(topics, event);
    } else if (takesEnrichment(draft)) {
      const versions = this.versions(draft, header, event.id, routes.enriched);
      bus.append([...topics, ...routes.plain], event, versions);
    } else {
      const all = [...routes.plain, ...routes.enriched.map(({ topic }) => topic)];
      bus.append([...topics, ...all], event);
    }
  }

  /**
   * On a channel that adds fields, an event of several records becomes one event for each record, all under one replay
   * id, because the values of the added fields differ between records.
   */
  private versions(
    draft: EventDraft,
    header: object,
    eventId: string,
    routes: readonly EnrichedRoute[],
  ): EventVersion[] {
    const { random, valuesOf } = this.context;
    const { schemaId, encoder } = draft.entity;
    const single = draft.recordIds.map((recordId) => ({
      recordId,
      id: draft.recordIds.length === 1 ? eventId : random.uuid(),
    }));
    return routes.map(({ topic, fields }) => {
      const events = single.map(({ recordId, id }): NewLateEvent => {
        const ownHeader = { ...header, recordIds: [recordId] };
        const payload = () => encoder.encode(ownHeader, enrichedBody(draft, fields, valuesOf(recordId)));
        return { id, schemaId, payload };
      });
      return { topic, events };
    });
  }
}

function headerOf(draft: EventDraft, ofTransaction: object): object {
  const { entity, changeType, recordIds, nulledFields, diffFields, changedFields } = draft;
  const entityName = entity.definition.name;
  return { ...ofTransaction, entityName, changeType, recordIds, nulledFields, diffFields, changedFields };
}

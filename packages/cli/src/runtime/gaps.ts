import type { Logger } from '@rxforce/core/model';
import { resolveGaps } from '@rxforce/operators';
import { records, type Records, type RecordsClient } from '@rxforce/records';
import { identity, type MonoTypeOperatorFunction } from 'rxjs';
import { settingsLogger } from '../config/setting-words.js';
import type { SinkEvent } from '../sinks/sink.js';
import type { TopicPlan } from './topic-plan.js';
import type { WorkInHand } from './work-in-hand.js';

/** What the reading needs. */
export interface ReadingContext {
  readonly client: RecordsClient;
  readonly logger: Logger;
  /** Knows of the requests under way. */
  readonly inHand: Pick<WorkInHand, 'before'>;
}

/**
 * Reads the records of gap events, which say that a record has changed, and not what. A table needs that; other sinks
 * get the gaps as they are. Each object is looked at when its first gap comes.
 */
export function readingGaps(
  { topic, fields }: Pick<TopicPlan, 'topic' | 'fields'>,
  { client, logger, inHand }: ReadingContext,
): MonoTypeOperatorFunction<SinkEvent> {
  if (topic.startsWith('/event/')) return identity;
  const known = new Map<string, Records<Record<string, unknown>>>();
  const of = (entity: string) => {
    const found =
      known.get(entity) ?? records(client, entity, { logger: settingsLogger(logger), ...(fields && { fields }) });
    known.set(entity, found);
    return found;
  };
  const resolved = resolveGaps(({ entityName, recordId }) => inHand.before(() => of(entityName).read(recordId)), {
    onOverflow: ({ entityName }) => inHand.before(() => of(entityName).all()),
  });
  return resolved as unknown as MonoTypeOperatorFunction<SinkEvent>;
}

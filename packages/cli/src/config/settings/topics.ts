import { z } from 'zod';
import { CHANGE_TYPES } from '@rxforce/core/model';
import { flag, milliseconds, seconds, shortName, text, whole, word } from './values.js';

/** Where to begin, where no position is stored. */
const replayFrom = () =>
  text().describe(
    'Where to begin while no position is stored: `latest`, `earliest`, a time such as 2026-01-31T12:00:00Z, or a replay id.',
  );

/** `processing`: how events are worked on; the defaults of all topics. */
export const processingSettings = z.strictObject({
  batch_size: whole(1, 10_000)
    .default(50)
    .describe(
      'Events that must be wanted before more are asked for, and the size of batches where a sink writes batches.',
    ),
  max_concurrent_events: whole(1, 100_000)
    .default(100)
    .describe('Most events worked on at a time. Events of one record keep their order.'),
  replay_from_stored: flag()
    .default(true)
    .describe('Whether positions are stored, so that a restart continues where it was.'),
  replay_storage_path: text().default('./replay').describe('The directory of the positions.'),
  replay_from: replayFrom().default('latest'),
  on_lost_position: word('fail', 'earliest', 'latest', 'snapshot')
    .default('fail')
    .describe(
      'What happens when the service no longer knows the position. `snapshot` reads all records again, and is for topics with `snapshot`; others fail.',
    ),
  max_retries: whole(0, 1_000)
    .default(3)
    .describe(
      'How often failed work is tried again, before it is put aside. While nothing gets through to a sink, none is used: events wait.',
    ),
  retry_delay_seconds: seconds()
    .default(5)
    .describe(
      'The wait before each of these, in seconds. While nothing gets through to a sink, the waits grow from 1 s to 30 s, or to this one where it is longer.',
    ),
  dead_letter_queue_path: text()
    .default('./failed_events')
    .describe('The directory of what fails for good; each topic has a folder in it.'),
  commit_interval_ms: milliseconds()
    .default(1_000)
    .describe('Least time between two commits of a position, in milliseconds.'),
});

const scalar = () => z.union([z.string(), z.number(), z.boolean(), z.null()]);

/** The comparisons of `where`, as the configuration and the operators name them. */
export const OPERATORS = {
  equals: 'equals',
  not_equals: 'notEquals',
  greater_than: 'greaterThan',
  greater_or_equal: 'greaterOrEqual',
  less_than: 'lessThan',
  less_or_equal: 'lessOrEqual',
  contains: 'contains',
  starts_with: 'startsWith',
  ends_with: 'endsWith',
  matches: 'matches',
  in: 'in',
  not_in: 'notIn',
  is_null: 'isNull',
  changed: 'changed',
  changed_to: 'changedTo',
} as const;

const comparisons = z.strictObject({
  equals: scalar().optional(),
  not_equals: scalar().optional(),
  greater_than: z.union([z.number(), z.string()]).optional(),
  greater_or_equal: z.union([z.number(), z.string()]).optional(),
  less_than: z.union([z.number(), z.string()]).optional(),
  less_or_equal: z.union([z.number(), z.string()]).optional(),
  contains: z.string().optional(),
  starts_with: z.string().optional(),
  ends_with: z.string().optional(),
  matches: z.string().optional(),
  in: z.array(scalar()).min(1).optional(),
  not_in: z.array(scalar()).min(1).optional(),
  is_null: flag().optional(),
  changed: z.literal(true).optional(),
  changed_to: scalar().optional(),
});

/** The comparisons of one field. */
export type Comparisons = z.output<typeof comparisons>;

/** `topics[]`: what to subscribe to. */
export const topicSettings = z
  .preprocess(
    (value) => (typeof value === 'string' ? { topic: value } : value),
    z.strictObject({
      topic: text().describe('`/data/AccountChangeEvent`, or the object `Account`; `/event/Order__e`; a channel.'),
      org: shortName().optional().describe('The name of the org, where the configuration has `orgs`.'),
      name: shortName()
        .default('default')
        .describe('The name of the position, to tell several uses of one topic apart.'),
      snapshot: z
        .union([flag(), z.array(text()).min(1)])
        .default(false)
        .describe('Reads the records first, and then the changes. For a channel: the objects to read.'),
      query_lag_ms: milliseconds()
        .default(10_000)
        .describe(
          'With `snapshot`: how old the answers of queries may be, in milliseconds. Records are read after it.',
        ),
      change_types: z
        .array(z.enum(CHANGE_TYPES))
        .min(1)
        .optional()
        .describe('Only these kinds of change: `[CREATE, UPDATE]`. With `snapshot`, name `SNAPSHOT`, too.'),
      where: z
        .record(z.string(), comparisons)
        .optional()
        .describe('Only events whose fields are so. An event that does not say so, such as a DELETE, is dropped.'),
      fields: z.array(text()).min(1).optional().describe('Only these fields are read and written.'),
      pipeline: text()
        .optional()
        .describe(
          'A module of yours, beside the configuration, with operators. Without `sink`, what it gives is written nowhere.',
        ),
      sink: text()
        .optional()
        .describe('The name of a sink of `sinks`. Without one: the only sink there is, or standard output.'),
      partition_by: text()
        .optional()
        .describe(
          'For platform events in a log (`redis.log`, `nats.log`): events with one value of this field keep their order. Without it, none do.',
        ),
      replay_from: replayFrom().optional(),
      on_lost_position: word('fail', 'earliest', 'latest', 'snapshot').optional().describe('As in `processing`.'),
      max_concurrent_events: whole(1, 100_000).optional().describe('As in `processing`.'),
      max_retries: whole(0, 1_000).optional().describe('As in `processing`.'),
      retry_delay_seconds: seconds().optional().describe('As in `processing`.'),
    }),
  )
  .meta({ orText: 'topic' });

/** The settings of a topic. */
export type TopicSettings = z.output<typeof topicSettings>;
/** The settings of `processing`. */
export type ProcessingSettings = z.output<typeof processingSettings>;

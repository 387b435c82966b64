import type { ReplayFrom } from '@rxforce/core';
import { changeTopic, topicOf } from '@rxforce/core/model';
import { replayFromOf } from '../config/replay-from.js';
import type { LoadedConfiguration } from '../config/configuration.js';
import type { SettingPath, SettingPlace } from '../config/place.js';
import type { Configuration } from '../config/settings/settings.js';
import type { Comparisons, TopicSettings } from '../config/settings/topics.js';
import { entityOf } from '../config/topic-names.js';

/** How events are written together. */
export interface Batches {
  /** Most events of a batch. */
  readonly size: number;
  readonly waitMs: number;
}

/** All that is to be known of a topic, with what `processing` says for all. */
export interface TopicPlan {
  /** The name of its org; `undefined` where there is only one. */
  readonly org: string | undefined;
  /** The whole name: `/data/AccountChangeEvent`. */
  readonly topic: string;
  /** The name of the position. */
  readonly name: string;
  /** A short name for people, folders and keys: `AccountChangeEvent`, or `AccountChangeEvent.crm` with a name. */
  readonly label: string;
  /** The objects whose records are read first; none where they are not. */
  readonly snapshot: readonly string[];
  /** How old the answers of queries may be. */
  readonly queryLagMs: number;
  readonly from: ReplayFrom;
  readonly onLost: 'fail' | 'earliest' | 'latest' | 'snapshot';
  readonly changeTypes: TopicSettings['change_types'];
  readonly where: Readonly<Record<string, Comparisons>> | undefined;
  /** The fields that are read: those that were asked for, and those of `where`. */
  readonly fields: readonly string[] | undefined;
  readonly pipeline: string | undefined;
  /** The field whose value says which events of a platform event keep their order in a log. */
  readonly partitionBy: string | undefined;
  /** The name of the sink; `undefined` where the pipeline is the end. */
  readonly sink: string | undefined;
  /** How its sink writes events together; `undefined` where it writes each by itself. */
  readonly batches: Batches | undefined;
  readonly concurrency: number;
  /** Twice what is worked on at a time, or what a batch has: the next batch fills while one is written. */
  readonly window: number;
  readonly refillAt: number;
  readonly maxRetries: number;
  readonly retryDelayMs: number;
  /** Where a setting of the topic stands. */
  readonly placeOf: (path: SettingPath) => SettingPlace;
}

/** The name of the sink that events go to where none is named. */
export const STDOUT = 'stdout';

/** Fewest events of a window. */
const LEAST_WINDOW = 200;

/** The plans of all topics. */
export function topicPlans({
  configuration,
  placeOf,
}: Pick<LoadedConfiguration, 'configuration' | 'placeOf'>): readonly TopicPlan[] {
  return configuration.topics.map((topic) => ({
    ...planOf(topic, configuration),
    placeOf: (path) => placeOf(topic, path),
  }));
}

function planOf(settings: TopicSettings, configuration: Configuration): Omit<TopicPlan, 'placeOf'> {
  const { processing, sinks } = configuration;
  const topic = topicOf(settings.topic);
  const { name, where, fields, pipeline, replay_from: from = processing.replay_from } = settings;
  const concurrency = settings.max_concurrent_events ?? processing.max_concurrent_events;
  const sink = settings.sink ?? (pipeline === undefined ? (onlySink(Object.keys(sinks)) ?? STDOUT) : undefined);
  const batches = sink === undefined ? undefined : batchesOf(sink, configuration);
  const window = Math.max(LEAST_WINDOW, 2 * concurrency, 2 * (batches?.size ?? 0));
  const snapshot = objectsOf(settings);
  const lost = settings.on_lost_position ?? processing.on_lost_position;
  return {
    ...{
      topic,
      name,
      label: labelOf(topic, name, settings.org),
      snapshot,
      concurrency,
      window,
      where,
      pipeline,
      sink,
      batches,
    },
    refillAt: Math.min(processing.batch_size, window),
    from: replayFromOf(from),
    // Only a topic whose records are read can read them again.
    onLost: lost === 'snapshot' && snapshot.length === 0 ? 'fail' : lost,
    changeTypes: settings.change_types,
    org: settings.org,
    partitionBy: settings.partition_by,
    queryLagMs: settings.query_lag_ms,
    fields: fields && [...new Set([...fields, ...Object.keys(where ?? {}).map(rootOf)])],
    maxRetries: settings.max_retries ?? processing.max_retries,
    retryDelayMs: (settings.retry_delay_seconds ?? processing.retry_delay_seconds) * 1_000,
  };
}

/** Tables are always written in batches. */
function batchesOf(sink: string, { sinks, processing }: Configuration): Batches | undefined {
  const settings = sinks[sink];
  const isTable = settings?.type === 'postgres' || settings?.type === 'sqlite';
  const batch = settings?.batch ?? (isTable ? { wait_ms: 1_000, size: undefined } : undefined);
  return batch && { size: batch.size ?? processing.batch_size, waitMs: batch.wait_ms };
}

function objectsOf({ snapshot, topic }: TopicSettings): readonly string[] {
  if (snapshot === false) return [];
  return snapshot === true ? [entityOf(changeTopic(topic))] : snapshot;
}

function labelOf(topic: string, name: string, org: string | undefined): string {
  const short = topic.split('/').at(-1) ?? topic;
  const parts = [...(org === undefined ? [] : [org]), short, ...(name === 'default' ? [] : [name])];
  return parts.join('.');
}

/** `BillingAddress.City` is a part of `BillingAddress`, which comes whole. */
function rootOf(path: string): string {
  return path.split('.')[0] ?? path;
}

function onlySink(names: readonly string[]): string | undefined {
  return names.length === 1 ? names[0] : undefined;
}

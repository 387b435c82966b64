import { ENGINES, type EngineSection } from './engine-section.js';
import type { Finding } from './issue-text.js';
import { relayFindings } from './log-checks.js';
import type { TopicValues } from './table-checks.js';

type Values = Readonly<Record<string, unknown>>;

/** The sections of engines, as far as they are there. */
export type EngineValues = Readonly<Partial<Record<EngineSection, Values>>>;

/** The sections of engines in a configuration. */
export function enginesIn(values: Values): EngineValues {
  return Object.fromEntries(
    ENGINES.filter((name) => values[name] !== undefined).map((name) => [name, Object(values[name]) as Values]),
  );
}

/** The names of the sections that have a log. */
export function sectionsWithLog(engines: EngineValues): readonly EngineSection[] {
  return ENGINES.filter((name) => engines[name]?.log !== undefined);
}

/** What cannot be right of positions, leases and logs that several processes share. */
export function engineFindings(
  engines: EngineValues,
  topics: readonly TopicValues[],
  processing: Values,
): readonly Finding[] {
  const [withLog] = sectionsWithLog(engines);
  return [
    ...bothFindings(engines),
    ...sectionsWithLog(engines).flatMap((name) => logFindings(name, engines[name] ?? {}, topics, processing)),
    ...ENGINES.flatMap((name) => leaseFindings(name, engines[name] ?? {}, processing)),
    ...partitionFindings(withLog, topics),
    ...(withLog === undefined ? [] : relayFindings(topics, processing)),
  ];
}

/** Positions that are in two places are in none. */
function bothFindings(engines: EngineValues): readonly Finding[] {
  const [first, second] = ENGINES.filter((name) => engines[name] !== undefined);
  if (second === undefined) return [];
  const message = `stands beside ${String(first)}, of the file or of a variable. Positions, leases and the log are in one of them: give one.`;
  return [{ path: [second], message, isName: true }];
}

/** A log carries the bytes of events, so nothing else can go through it; and only one process may write a topic. */
function logFindings(
  section: EngineSection,
  { lease: leased }: Values,
  topics: readonly Values[],
  processing: Values,
): readonly Finding[] {
  const path = [section, 'log'];
  const lease = isFlag(leased, true)
    ? []
    : [{ path, message: 'needs lease: true, so that one reader writes a topic.' }];
  const stored = isFlag(processing.replay_from_stored, false)
    ? [{ path, message: 'needs positions: replay_from_stored: true.' }]
    : [];
  const message = `records cannot be read through ${section}.log. Leave out snapshot, or give the topic a file of its own.`;
  const read = topics.flatMap(({ snapshot }, index) =>
    snapshot === undefined || isFlag(snapshot, false) ? [] : [{ path: ['topics', index, 'snapshot'], message }],
  );
  return [...lease, ...stored, ...read];
}

/** A lease is for a position: where none is stored, each process reads everything. */
function leaseFindings(
  section: EngineSection,
  { lease, log }: Values,
  { replay_from_stored: stored }: Values,
): readonly Finding[] {
  if (log !== undefined || !isFlag(lease, true) || !isFlag(stored, false)) return [];
  const message = 'does nothing without positions: set replay_from_stored: true, or leave it out.';
  return [{ path: [section, 'lease'], message }];
}

/** Changes are in the partition of their record; and only a log has partitions. */
function partitionFindings(withLog: EngineSection | undefined, topics: readonly TopicValues[]): readonly Finding[] {
  return topics.flatMap(({ partition_by: by, wholeName = '' }, index) => {
    if (by === undefined || wholeName === '') return [];
    const path = ['topics', index, 'partition_by'];
    if (!wholeName.startsWith('/event/')) {
      return [
        { path, message: 'is for platform events: the changes of a record keep their order anyway. Leave it out.' },
      ];
    }
    if (withLog !== undefined) return [];
    return [{ path, message: 'does nothing without a log: leave it out, or give redis.log or nats.log.' }];
  });
}

function isFlag(value: unknown, flag: boolean): boolean {
  return String(value).toLowerCase() === String(flag);
}

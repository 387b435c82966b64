/**
 * The sections of what several processes share: positions, leases and a log. A configuration has one of them, or files.
 */
export const ENGINES = ['redis', 'nats'] as const;

/** The name of such a section. */
export type EngineSection = (typeof ENGINES)[number];

/** What each log has. */
interface SharedLog {
  readonly name: string;
}

type Sections<S> = Readonly<Partial<Record<EngineSection, S | undefined>>>;

/** The name of the section that is there; `undefined` for files. */
export function engineSectionOf(sections: Sections<unknown>): EngineSection | undefined {
  return ENGINES.find((name) => sections[name] !== undefined);
}

/** The log between readers and workers; `undefined` where there is none. */
export function logOf({ redis, nats }: Sections<{ readonly log?: SharedLog | undefined }>): SharedLog | undefined {
  return redis?.log ?? nats?.log;
}

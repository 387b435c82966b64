import type { LoadedConfiguration } from '../config/configuration.js';
import type { Configuration } from '../config/settings/settings.js';
import type { SinkSettings } from '../config/settings/sinks.js';
import { openSink } from '../sinks/open-sink.js';
import type { Sink } from '../sinks/sink.js';
import { checkSink } from './check-sink.js';
import { closeAll, closeInTime } from './close-all.js';
import type { Log } from './log.js';
import type { OpenOrg } from './open-org.js';
import { STDOUT, type TopicPlan } from './topic-plan.js';

/** What sinks are opened with. */
export interface RunSinksOptions {
  readonly loaded: LoadedConfiguration;
  readonly plans: readonly TopicPlan[];
  readonly log: Log;
  readonly print: (text: string) => Promise<void>;
  readonly orgOf: (plan: TopicPlan) => Pick<OpenOrg, 'client' | 'source'>;
}

/** Sinks that ask no org anything, and say nothing of it. */
const OF_NO_ORG: readonly string[] = ['stdout', 'file', 'module'];

interface NamedSink {
  readonly name: string;
  readonly sink: Sink;
}

/** The sinks of a run. One that has to do with an org is opened for each of them. */
export class RunSinks {
  private readonly open = new Map<string, NamedSink>();
  private isClosed = false;

  constructor(private readonly options: RunSinksOptions) {}

  /** The sink of a topic; `undefined` while it is not open. */
  of(plan: TopicPlan): Sink | undefined {
    return this.open.get(this.keyOf(plan))?.sink;
  }

  /**
   * Opens the sink of a topic, where it has one and another topic has not opened it, and looks whether it can be
   * written to.
   *
   * @throws rejects with a `ConfigurationError` when it cannot be opened, or is wrong for good.
   */
  async openFor(plan: TopicPlan): Promise<Sink | undefined> {
    const { loaded, plans, print, log, orgOf } = this.options;
    const { sink: name } = plan;
    if (name === undefined) return undefined;
    const known = this.of(plan);
    if (known) return known;
    const { client, source } = orgOf(plan);
    const topics = plans.filter(({ sink, org }) => sink === name && org === plan.org).map(({ topic }) => topic);
    const context = { print, directory: loaded.directory, logger: log, client, source };
    const sink = await openSink(sinkSettingsOf(name, loaded.configuration), context, topics);
    this.open.set(this.keyOf(plan), { name, sink });
    const later = (why: string) => {
      if (!this.isClosed) log.error(`the sink ${name} cannot be written to, and its events are put aside: ${why}`);
    };
    const why = await checkSink(name, sink, { later });
    if (why !== undefined) {
      log.warn(`the sink ${name} cannot be written to now, and is tried with the first event: ${why}`);
    }
    return sink;
  }

  /**
   * Closes all of them, and waits for each no longer than 10 s. It rejects with the first error, after the others are
   * closed, too.
   *
   * @param tell - Gets the errors after the first one.
   */
  close(tell: (error: unknown) => void): Promise<void> {
    this.isClosed = true;
    return closeAll(
      [...this.open.values()].map(({ name, sink }) => ({ close: () => closeInTime(sinkNamed(name), sink) })),
      tell,
    );
  }

  private keyOf(plan: TopicPlan): string {
    return sinkKeyOf(plan, this.options.loaded.configuration);
  }
}

/** What a sink is called where it does not close. */
export function sinkNamed(name: string): string {
  return `The sink ${name}`;
}

/** The settings of a sink. Standard output needs none. */
export function sinkSettingsOf(name: string, { sinks }: Configuration): SinkSettings {
  return sinks[name] ?? { type: STDOUT };
}

/** What a sink is kept by: topics of one key share it. */
export function sinkKeyOf({ sink = '', org = '' }: TopicPlan, configuration: Configuration): string {
  return OF_NO_ORG.includes(sinkSettingsOf(sink, configuration).type) ? sink : `${sink} ${org}`;
}

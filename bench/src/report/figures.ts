import type { ClientName } from '../clients.js';
import type { ClientResult, MemoryResult } from '../processes/messages.js';

/** One client's medians, and the runs they are of. */
export interface ClientFigures extends Omit<ClientResult, 'problem'> {
  readonly client: ClientName;
  readonly runs: readonly ClientResult[];
}

/** What was wanted of a figure, and what it is. */
export interface TargetFigures {
  readonly what: string;
  readonly value: number;
  readonly target: string;
  readonly met: boolean;
}

/** A comparison of clients. */
export interface ScenarioFigures {
  readonly name: string;
  readonly title: string;
  readonly clients: readonly ClientFigures[];
  readonly targets: readonly TargetFigures[];
}

/** Memory of many subscriptions, for each. */
export interface MemoryFigures {
  readonly name: string;
  readonly title: string;
  /** All their events handled. */
  readonly idle: MemoryResult;
  /** With as many events unsettled as they take. */
  readonly full: MemoryResult;
  readonly targets: readonly TargetFigures[];
}

/** All that was measured. */
export interface BenchFigures {
  readonly node: string;
  readonly processor: string;
  readonly processors: number;
  readonly runs: number;
  readonly scenarios: readonly ScenarioFigures[];
  readonly memory?: MemoryFigures;
}

import type { ClientName } from '../clients.js';
import type { ClientResult, Measurements } from '../processes/messages.js';
import type { Figure, Target } from '../scenarios.js';

/** A figure and its value; `null` where it was not measured. */
export interface ShownFigure extends Figure {
  readonly value: number | null;
}

/** One client's medians, and the runs they are of. */
export interface ClientFigures {
  readonly client: ClientName;
  readonly medians: Partial<Measurements>;
  /** What the text shows. */
  readonly shown: readonly ShownFigure[];
  readonly runs: readonly ClientResult[];
}

/** What was wanted of a figure, and what it is. */
export interface TargetFigures extends Target {
  readonly value: number;
  readonly met: boolean;
}

/** A comparison of clients. */
export interface ScenarioFigures {
  readonly name: string;
  readonly title: string;
  readonly clients: readonly ClientFigures[];
  readonly targets: readonly TargetFigures[];
}

/** All that was measured. */
export interface BenchFigures {
  /** When the measurement began, in ISO 8601. */
  readonly date: string;
  readonly node: string;
  readonly processor: string;
  readonly processors: number;
  readonly quick: boolean;
  readonly runs: number;
  readonly scenarios: readonly ScenarioFigures[];
}

/** What the server is told when it starts. */
export interface ServerParameters {
  /** How much longer a round trip takes than the machine needs. */
  readonly delayMs: number;
}

/** What the server tells once it listens. */
export interface ServerAddress {
  /** `host:port`. */
  readonly endpoint: string;
  /** The certificate to trust, in PEM. */
  readonly ca: string;
}

/** A number of events, and a time after which fewer are enough. */
export interface Stretch {
  readonly events: number;
  readonly longestMs: number;
}

/** What a client is told when it starts. */
export interface ClientParameters extends ServerAddress {
  /** Whether the client's first event ends it: then its start is measured, and nothing else. */
  readonly firstEventOnly: boolean;
  /** What does not count, from the first event on. */
  readonly warmUp: Stretch;
  /** What counts. */
  readonly measured: Stretch;
  /** Time that the handler keeps the processor busy for each event. */
  readonly workMs: number;
}

/** What is measured of a client. Each scenario has some of them. */
export interface Measurements {
  readonly eventsPerSecond: number;
  /** User and system time of the whole process, for each event. */
  readonly cpuMicros: number;
  /** The memory that is resident: at its peak, or at the first event. */
  readonly rssMb: number;
  /** User and system time of the process, from its beginning to the first event. */
  readonly startCpuMs: number;
  /** The time that passed until then. */
  readonly startWallMs: number;
  /** From the sending to the handler, of the median event. */
  readonly p50Ms: number;
  /** The same of the slowest event but one in a hundred. */
  readonly p99Ms: number;
  /** The JavaScript heap and the buffers outside it, after garbage is gone, for each subscription. */
  readonly heapKb: number;
}

/** The name of one. */
export type Measurement = keyof Measurements;

/** What a client tells when it is done. */
export interface ClientResult extends Partial<Measurements> {
  /** What was wrong with the events, if anything was. */
  readonly problem?: string;
}

/** What the server is told when it starts. */
export interface ServerParameters {
  /** How much longer a round trip takes than the machine needs. */
  readonly delayMs: number;
  /** Events a stream gets before it falls silent; without end if left out. */
  readonly eventsPerStream?: number;
}

/** What the server tells once it listens. */
export interface ServerAddress {
  /** `host:port`. */
  readonly endpoint: string;
  /** The certificate to trust, in PEM. */
  readonly ca: string;
}

/** What a client is told when it starts. */
export interface ClientParameters extends ServerAddress {
  /** Time from the first event on that does not count. */
  readonly warmUpMs: number;
  /** Longest time that counts. */
  readonly measureMs: number;
  /** Most events that count. */
  readonly maxEvents: number;
  /** Time that the handler keeps the processor busy for each event. */
  readonly workMs: number;
}

/** What a client tells when it is done. */
export interface ClientResult {
  readonly eventsPerSecond: number;
  /** User and system time of the whole process. */
  readonly cpuMicrosPerEvent: number;
  readonly peakRssMb: number;
  /** What was wrong with the events, if anything was. */
  readonly problem?: string;
}

/** What the process with many subscriptions is told when it starts. */
export interface MemoryParameters extends ServerAddress {
  readonly subscriptions: number;
  /** Events that each subscription receives. */
  readonly eventsEach: number;
  /** Whether the handler never finishes an event, so that each subscription holds a full window. */
  readonly holding: boolean;
}

/** How much that process grew, for one subscription. */
export interface MemoryResult {
  readonly rssMb: number;
  /** The JavaScript heap and the buffers outside it. */
  readonly heapMb: number;
}

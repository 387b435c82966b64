/** What a managed subscription starts with where nothing is committed, or what is committed is not valid any more. */
export type ManagedPreset = 'LATEST' | 'EARLIEST';

/** What one sets of a managed subscription: the `Metadata` of the Tooling object `ManagedEventSubscription`. */
export interface ManagedSubscriptionSettings {
  readonly label: string;
  /** The whole name of the topic. */
  readonly topicName: string;
  /** Where it starts when nothing was committed yet. */
  readonly defaultReplay: ManagedPreset;
  /** Where it goes on when the committed replay id is not valid any more. */
  readonly errorRecoveryReplay: ManagedPreset;
  /** Events can be fetched only while it runs. */
  readonly state: 'RUN' | 'STOP';
  /** Of the API. */
  readonly version: string;
}

/** A managed subscription of the org. */
export interface ManagedSubscription extends ManagedSubscriptionSettings {
  /** Its record's id, of 18 characters, which begins with `18x`. */
  readonly id: string;
  readonly developerName: string;
}

/** The managed subscriptions of an org. Methods throw a `ConfigurationError` for what does not exist or does not fit. */
export interface ManagedSubscriptionRecords {
  /** Creates one. What is left out: `LATEST`, `RUN`, the developer name as label. */
  create(
    developerName: string,
    settings: Pick<ManagedSubscriptionSettings, 'topicName'> & Partial<ManagedSubscriptionSettings>,
  ): ManagedSubscription;
  /** Changes settings. The topic cannot be changed. With `STOP`, live streams end. */
  update(id: string, settings: Partial<ManagedSubscriptionSettings>): ManagedSubscription;
  /** Deletes one; live streams end. */
  delete(id: string): void;
  /** By its id of 15 or 18 characters, or `undefined`. */
  get(id: string): ManagedSubscription | undefined;
  /** By its developer name, or `undefined`. */
  named(developerName: string): ManagedSubscription | undefined;
  list(): readonly ManagedSubscription[];
}

/** A commit that the server has taken. */
export interface ManagedCommit {
  /** What the client called it. */
  readonly commitRequestId: string;
  /** In base64. */
  readonly replayId: string;
  /** When, in milliseconds since 1970. */
  readonly at: number;
}

/** The managed subscriptions of an org, and what their clients have made of them. */
export interface ManagedSubscriptionLog extends ManagedSubscriptionRecords {
  /** The committed replay id in base64, or `undefined` as long as nothing was committed. */
  committed(id: string): string | undefined;
  /** The last 1,000 commits of a subscription, in the order in which they were taken. */
  commits(id: string): readonly ManagedCommit[];
  /** Whether a client has the subscription: others are refused. That one may be silent, or just gone. */
  isTaken(id: string): boolean;
}

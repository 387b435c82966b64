/** Where a managed subscription starts when nothing is committed, or the committed position is no longer valid. */
export type ManagedPreset = 'LATEST' | 'EARLIEST';

/** The settings of a managed subscription: the `Metadata` of the Tooling object `ManagedEventSubscription`. */
export interface ManagedSubscriptionSettings {
  readonly label: string;
  /** The full name of the topic. */
  readonly topicName: string;
  /** Where it starts when nothing was committed yet. */
  readonly defaultReplay: ManagedPreset;
  /** Where it continues when the committed replay id is no longer valid. */
  readonly errorRecoveryReplay: ManagedPreset;
  /** Whether it runs; events can be fetched only while it does. */
  readonly state: 'RUN' | 'STOP';
  /** The version of the API. */
  readonly version: string;
}

/** A managed subscription of the org. */
export interface ManagedSubscription extends ManagedSubscriptionSettings {
  /** Its record's id, of 18 characters, which begins with `18x`. */
  readonly id: string;
  readonly developerName: string;
}

/**
 * The managed subscriptions of an org. Methods throw a `ConfigurationError` for a subscription that does not exist, and
 * for settings that do not fit.
 */
export interface ManagedSubscriptionRecords {
  /** Creates a subscription. Defaults: `LATEST`, `RUN`, and the developer name as label. */
  create(
    developerName: string,
    settings: Pick<ManagedSubscriptionSettings, 'topicName'> & Partial<ManagedSubscriptionSettings>,
  ): ManagedSubscription;
  /** Changes settings. The topic cannot be changed. With `STOP`, live streams end. */
  update(id: string, settings: Partial<ManagedSubscriptionSettings>): ManagedSubscription;
  /** Deletes a subscription; live streams end. */
  delete(id: string): void;
  /** The subscription with an id of 15 or 18 characters; `undefined` for none. */
  get(id: string): ManagedSubscription | undefined;
  /** The subscription with a developer name; `undefined` for none. */
  named(developerName: string): ManagedSubscription | undefined;
  list(): readonly ManagedSubscription[];
}

/** A commit that the server has accepted. */
export interface ManagedCommit {
  /** The client's id of the commit. */
  readonly commitRequestId: string;
  /** The replay id, in base64. */
  readonly replayId: string;
  /** The time of the commit, in milliseconds since 1970. */
  readonly at: number;
}

/** The managed subscriptions of an org, with the commits of their clients. */
export interface ManagedSubscriptionLog extends ManagedSubscriptionRecords {
  /** The committed replay id in base64, or `undefined` while nothing was committed. */
  committed(id: string): string | undefined;
  /** The last 1,000 commits of a subscription, in the order in which they were accepted. */
  commits(id: string): readonly ManagedCommit[];
  /** Whether a client has the subscription, so that others are refused. That client may be silent, or just gone. */
  isTaken(id: string): boolean;
}

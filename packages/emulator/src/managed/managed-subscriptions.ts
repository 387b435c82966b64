import { ConfigurationError } from '@rxforce/core/model';
import type { Bus } from '../bus/bus.js';
import { RecordIds, to18 } from '../model/record-ids.js';
import type { Random } from '../model/random.js';
import { checkDeveloperName, checkSettings, givenOf, MANAGED_KEY_PREFIX, withDefaults } from './managed-record.js';
import { ManagedState } from './managed-state.js';
import type {
  ManagedCommit,
  ManagedSubscription,
  ManagedSubscriptionLog,
  ManagedSubscriptionSettings,
} from './managed-subscription.js';

/** The managed subscriptions of the emulated org, in memory. */
export class ManagedSubscriptions implements ManagedSubscriptionLog {
  private ids: RecordIds | undefined;
  private readonly states = new Map<string, ManagedState>();

  constructor(
    private readonly bus: Bus,
    private readonly random: Random,
  ) {}

  create(
    developerName: string,
    given: Pick<ManagedSubscriptionSettings, 'topicName'> & Partial<ManagedSubscriptionSettings>,
  ): ManagedSubscription {
    checkDeveloperName(developerName);
    const settings = withDefaults(developerName, given);
    checkSettings(settings);
    if (this.bus.topic(settings.topicName) === undefined) {
      throw new ConfigurationError(
        `A managed subscription needs a topic that exists, such as /data/AccountChangeEvent; "${settings.topicName}" does not.`,
      );
    }
    // Names that differ only in case count as the same.
    if (this.list().some((other) => other.developerName.toLowerCase() === developerName.toLowerCase())) {
      throw new ConfigurationError(`There is a managed subscription "${developerName}" already. Choose another name.`);
    }
    const record = { id: this.nextId(), developerName, ...settings };
    this.states.set(record.id, new ManagedState(record));
    return record;
  }

  update(id: string, given: Partial<ManagedSubscriptionSettings>): ManagedSubscription {
    const state = this.existing(id);
    const { topicName } = state.record;
    const record = { ...state.record, ...givenOf(given) };
    if (record.topicName !== topicName) {
      throw new ConfigurationError(
        `The topic of a managed subscription cannot change: "${state.record.developerName}" is on "${topicName}". Create another one.`,
      );
    }
    checkSettings(record);
    state.change(record);
    return record;
  }

  delete(id: string): void {
    const state = this.existing(id);
    this.states.delete(state.record.id);
    state.halt('deleted');
  }

  get(id: string): ManagedSubscription | undefined {
    return this.state(id)?.record;
  }

  named(developerName: string): ManagedSubscription | undefined {
    return this.stateNamed(developerName)?.record;
  }

  list(): readonly ManagedSubscription[] {
    return [...this.states.values()].map(({ record }) => record);
  }

  committed(id: string): string | undefined {
    return this.existing(id).position?.toString('base64');
  }

  commits(id: string): readonly ManagedCommit[] {
    return this.existing(id).commits;
  }

  isTaken(id: string): boolean {
    return this.existing(id).isTaken;
  }

  /** The running state of a subscription, by its id of 15 or 18 characters. */
  state(id: string): ManagedState | undefined {
    return this.states.get(to18(id));
  }

  /** The running state of a subscription, by its developer name. */
  stateNamed(developerName: string): ManagedState | undefined {
    return [...this.states.values()].find(({ record }) => record.developerName === developerName);
  }

  private existing(id: string): ManagedState {
    const state = this.state(id);
    if (state === undefined) {
      const known = this.list().map((each) => `${each.developerName} (${each.id})`);
      throw new ConfigurationError(
        `The emulated org has no managed subscription "${id}". It has ${known.length === 0 ? 'none' : known.join(', ')}.`,
      );
    }
    return state;
  }

  /** The ids are drawn only when the first one is needed, so that other random values stay the same without any. */
  private nextId(): string {
    this.ids ??= new RecordIds(1 + this.random.below(1_000_000_000));
    return this.ids.next(MANAGED_KEY_PREFIX);
  }
}

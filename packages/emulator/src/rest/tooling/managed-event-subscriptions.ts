import { MANAGED_KEY_PREFIX } from '../../managed/managed-record.js';
import type {
  ManagedSubscription,
  ManagedSubscriptionRecords,
  ManagedSubscriptionSettings,
} from '../../managed/managed-subscription.js';
import type { JsonObject } from '../json-object.js';
import { RestProblem } from '../rest-problem.js';
import { type ToolingInput, ToolingObject, type ToolingRecord } from './tooling-object.js';

/** The settings that a client may set. */
const SETTINGS = ['label', 'topicName', 'defaultReplay', 'errorRecoveryReplay', 'state', 'version'] as const;

/** The managed subscriptions of the org, as `ManagedEventSubscription`. */
export class ManagedEventSubscriptions extends ToolingObject {
  constructor(private readonly managed: ManagedSubscriptionRecords) {
    const fields = ['TopicName', 'DefaultReplay', 'ErrorRecoveryReplay', 'State', 'Version'];
    super('ManagedEventSubscription', MANAGED_KEY_PREFIX, fields);
  }

  records(): ToolingRecord[] {
    return this.managed.list().map(recordOf);
  }

  create({ FullName, Metadata }: ToolingInput): string {
    const { topicName, ...settings } = settingsOf(Metadata);
    if (FullName === undefined || topicName === undefined) {
      const missing = [FullName === undefined ? 'FullName' : 'topicName'];
      throw new RestProblem(400, 'REQUIRED_FIELD_MISSING', `Required fields are missing: [${missing.join()}]`, missing);
    }
    return this.managed.create(FullName, { topicName, ...settings }).id;
  }

  update(id: string, metadata: JsonObject): void {
    this.managed.update(id, settingsOf(metadata));
  }

  delete(id: string): void {
    this.managed.delete(id);
  }
}

/** The settings in the client's metadata; the records check their values. */
function settingsOf(metadata: JsonObject): Partial<ManagedSubscriptionSettings> {
  const unknown = Object.keys(metadata).find((name) => !(SETTINGS as readonly string[]).includes(name));
  if (unknown !== undefined) {
    throw new RestProblem(
      400,
      'JSON_PARSER_ERROR',
      `Unrecognized field "${unknown}". There are ${SETTINGS.join(', ')}.`,
    );
  }
  const given = Object.entries(metadata).filter(([, value]) => value !== null);
  return Object.fromEntries(given.map(([name, value]) => [name, name === 'version' ? versionOf(value) : value]));
}

/** A version may come as a number, and JSON drops its zero. */
function versionOf(value: unknown): unknown {
  return typeof value === 'number' ? value.toFixed(1) : value;
}

function recordOf({ id, developerName, ...metadata }: ManagedSubscription): ToolingRecord {
  const { label, topicName, defaultReplay, errorRecoveryReplay, state, version } = metadata;
  return {
    Id: id,
    DeveloperName: developerName,
    MasterLabel: label,
    TopicName: topicName,
    DefaultReplay: defaultReplay,
    ErrorRecoveryReplay: errorRecoveryReplay,
    State: state,
    Version: version,
    FullName: developerName,
    Metadata: { label, topicName, defaultReplay, errorRecoveryReplay, state, version },
  };
}

import type { ManagedSubscriptionRecords } from '../../managed/managed-subscription.js';
import type { MemoryOrg } from '../../org/org.js';
import type { QueryDatabase } from '../../soql/queryable.js';
import { ManagedEventSubscriptions } from './managed-event-subscriptions.js';
import { PlatformEventChannelMembers } from './platform-event-channel-members.js';
import { PlatformEventChannels } from './platform-event-channels.js';
import type { ToolingObject } from './tooling-object.js';

/** The objects of the Tooling API. Of the many that Salesforce has, these are about events. */
export class ToolingObjects implements QueryDatabase {
  private readonly objects: readonly ToolingObject[];

  constructor(
    org: MemoryOrg,
    managed: ManagedSubscriptionRecords,
    readonly now: () => number,
  ) {
    const channels = new PlatformEventChannels(org);
    this.objects = [new ManagedEventSubscriptions(managed), channels, new PlatformEventChannelMembers(org, channels)];
  }

  object(name: string): ToolingObject | undefined {
    return this.objects.find((object) => object.name.toLowerCase() === name.toLowerCase());
  }

  /** All objects. */
  list(): readonly ToolingObject[] {
    return this.objects;
  }
}

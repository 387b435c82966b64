import type { ChannelMember } from '../../org/channels.js';
import { changeEventName } from '../../org/entity.js';
import type { MemoryOrg } from '../../org/org.js';
import type { JsonObject } from '../json-object.js';
import { RestProblem } from '../rest-problem.js';
import type { PlatformEventChannels } from './platform-event-channels.js';
import { STANDARD_CHANNEL, StandardChannel } from './standard-channel.js';
import { ToolingIds } from './tooling-ids.js';
import { type ToolingInput, ToolingObject, type ToolingRecord } from './tooling-object.js';

const KEY_PREFIX = '0v8';

/** A member of a channel, with its id in the Tooling API. */
interface IdentifiedMember {
  readonly id: string;
  /** API name. */
  readonly channel: string;
  /** The id of the channel; for the standard channel, its name. */
  readonly channelId: string;
  readonly member: Required<ChannelMember>;
}

/** The members of the org's channels, custom channels first, as `PlatformEventChannelMember`. */
export class PlatformEventChannelMembers extends ToolingObject {
  private readonly standard: StandardChannel;
  private readonly ids = new ToolingIds(KEY_PREFIX);
  /** Names from clients, by id; other names are made from channel and event. */
  private readonly names = new Map<string, string>();

  constructor(
    private readonly org: MemoryOrg,
    private readonly channels: PlatformEventChannels,
  ) {
    super('PlatformEventChannelMember', KEY_PREFIX, ['EventChannel', 'SelectedEntity']);
    this.standard = new StandardChannel(org);
  }

  records(): ToolingRecord[] {
    return this.members().map((each) => this.recordOf(each));
  }

  create({ FullName, Metadata }: ToolingInput): string {
    const { eventChannel, selectedEntity } = Metadata;
    if (typeof eventChannel !== 'string' || typeof selectedEntity !== 'string') {
      const fields = ['eventChannel', 'selectedEntity'];
      throw new RestProblem(
        400,
        'REQUIRED_FIELD_MISSING',
        `Required fields are missing: [${fields.join(', ')}]`,
        fields,
      );
    }
    const entity = this.entityOf(selectedEntity);
    this.add(eventChannel, { entity, enrichedFields: enrichedFieldsOf(Metadata) });
    const id =
      this.members().find(({ channel, member }) => channel === eventChannel && member.entity === entity)?.id ?? '';
    if (FullName !== undefined) this.names.set(id, FullName);
    return id;
  }

  /** Changes the fields that its events carry. Channel and object cannot change. */
  update(id: string, metadata: JsonObject): void {
    const found = this.members().find((each) => each.id === id);
    if (found === undefined) return;
    const { channel, member } = found;
    const { eventChannel = channel, selectedEntity = changeEventName(member.entity) } = metadata;
    if (eventChannel !== channel || selectedEntity !== changeEventName(member.entity)) {
      const message = 'EventChannel and SelectedEntity cannot be changed: delete the member and create another one.';
      throw new RestProblem(400, 'INVALID_FIELD_FOR_INSERT_UPDATE', message, ['Metadata']);
    }
    const enrichedFields = enrichedFieldsOf(metadata);
    if (channel === STANDARD_CHANNEL) {
      this.standard.checkFields(enrichedFields);
      return;
    }
    this.org.removeChannelMember(channel, member.entity);
    try {
      this.org.addChannelMember(channel, { ...member, enrichedFields });
    } catch (error) {
      this.org.addChannelMember(channel, member);
      throw error;
    }
  }

  delete(id: string): void {
    const found = this.members().find((each) => each.id === id);
    if (found === undefined) return;
    if (found.channel === STANDARD_CHANNEL) {
      this.standard.remove(found.member.entity);
    } else {
      this.org.removeChannelMember(found.channel, found.member.entity);
    }
    this.names.delete(id);
  }

  private add(channel: string, member: Required<ChannelMember>): void {
    if (channel === STANDARD_CHANNEL) {
      this.standard.add(member.entity, member.enrichedFields);
    } else {
      this.org.addChannelMember(channel, member);
    }
  }

  private members(): IdentifiedMember[] {
    const custom = this.channels
      .channels()
      .flatMap(({ id: channelId, channel: { name: channel, members } }) =>
        members.map((member) => ({ channelId, channel, member })),
      );
    const standard = this.standard
      .members()
      .map((member) => ({ channelId: STANDARD_CHANNEL, channel: STANDARD_CHANNEL, member }));
    const all = [...custom, ...standard];
    const ids = this.ids.of(all.map(({ channelId, member }) => `${channelId} ${member.entity}`));
    return all.map((each, index) => ({ ...each, id: ids[index] ?? '' }));
  }

  private recordOf({ id, channelId, channel, member: { entity, enrichedFields } }: IdentifiedMember): ToolingRecord {
    const event = changeEventName(entity);
    const name = this.names.get(id) ?? `${channel.replace('__', '_')}_${event.replace('__', '_')}`;
    return {
      Id: id,
      DeveloperName: name,
      MasterLabel: name,
      EventChannel: channelId,
      SelectedEntity: event,
      FullName: name,
      Metadata: {
        eventChannel: channel,
        selectedEntity: event,
        enrichedFields: enrichedFields.map((field) => ({ name: field })),
      },
    };
  }

  private entityOf(event: string): string {
    const entity = this.org.entities().find(({ name }) => changeEventName(name) === event);
    if (entity === undefined) {
      const message = `The emulated org has no change event "${event}". Name one as "AccountChangeEvent".`;
      throw new RestProblem(400, 'FIELD_INTEGRITY_EXCEPTION', message, ['SelectedEntity']);
    }
    return entity.name;
  }
}

/** The names in `[{ "name": "Industry" }]`. */
function enrichedFieldsOf({ enrichedFields }: JsonObject): string[] {
  const fields: unknown[] = Array.isArray(enrichedFields) ? enrichedFields : [];
  return fields.map((field) => {
    const name = typeof field === 'object' && field !== null && 'name' in field ? field.name : undefined;
    if (typeof name !== 'string') {
      throw new RestProblem(400, 'JSON_PARSER_ERROR', 'enrichedFields is a list of { "name": "Industry" }.');
    }
    return name;
  });
}

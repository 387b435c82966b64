import type { ChannelInfo } from '../../org/channels.js';
import type { MemoryOrg } from '../../org/org.js';
import type { JsonObject } from '../json-object.js';
import { RestProblem } from '../rest-problem.js';
import { ToolingIds } from './tooling-ids.js';
import { type ToolingInput, ToolingObject, type ToolingRecord } from './tooling-object.js';

const KEY_PREFIX = '0YL';
/** The only type of channels here: those of change events. */
const CHANNEL_TYPE = 'data';

/** A channel of the org, with its id in the Tooling API. */
export interface IdentifiedChannel {
  readonly id: string;
  readonly channel: ChannelInfo;
}

/** The custom channels of the org, as `PlatformEventChannel`. */
export class PlatformEventChannels extends ToolingObject {
  private readonly ids = new ToolingIds(KEY_PREFIX);

  constructor(private readonly org: MemoryOrg) {
    super('PlatformEventChannel', KEY_PREFIX, ['ChannelType']);
  }

  /** The channels, in the order they were created. */
  channels(): IdentifiedChannel[] {
    const channels = this.org.channels();
    const ids = this.ids.of(channels.map(({ name }) => name));
    return channels.map((channel, index) => ({ channel, id: ids[index] ?? '' }));
  }

  records(): ToolingRecord[] {
    return this.channels().map(({ id, channel: { name, label } }) => ({
      Id: id,
      DeveloperName: name.replace(/__chn$/, ''),
      MasterLabel: label,
      ChannelType: CHANNEL_TYPE,
      FullName: name,
      Metadata: { channelType: CHANNEL_TYPE, label },
    }));
  }

  create({ FullName = '', Metadata: { channelType = CHANNEL_TYPE, label } }: ToolingInput): string {
    if (channelType !== CHANNEL_TYPE) {
      const message = `The emulator has channels of change events only: channelType is "${CHANNEL_TYPE}".`;
      throw new RestProblem(400, 'FIELD_INTEGRITY_EXCEPTION', message, ['ChannelType']);
    }
    this.org.createChannel(FullName, typeof label === 'string' ? { label } : {});
    return this.channels().find(({ channel }) => channel.name === FullName)?.id ?? '';
  }

  update(_id: string, _metadata: JsonObject): void {
    throw new RestProblem(400, 'INVALID_FIELD_FOR_INSERT_UPDATE', 'The emulator does not change channels.', [
      'Metadata',
    ]);
  }

  delete(id: string): void {
    const found = this.channels().find((each) => each.id === id);
    if (found !== undefined) this.org.deleteChannel(found.channel.name);
  }
}

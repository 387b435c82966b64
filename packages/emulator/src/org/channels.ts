import { ConfigurationError } from '@rxforce/core/model';
import type { Bus } from '../bus/bus.js';
import type { Topic } from '../bus/topic.js';
import { type Check, optional, readOptions, text, wrong } from '../model/option-checks.js';
import { checkName } from './custom-definitions.js';
import { checkEnrichedFields } from './enrichment.js';
import type { EntityModel } from './entity-model.js';

/** An object whose change events a channel carries. */
export interface ChannelMember {
  /** API name of the object, such as `Account`. */
  readonly entity: string;
  /**
   * API names of up to 10 fields that every UPDATE and DELETE event carries on this channel, whether they changed or
   * not. A compound counts as one field and is named as a whole. Long, rich and encrypted texts and multi-select
   * picklists cannot be named.
   *
   * @defaultValue None.
   */
  readonly enrichedFields?: readonly string[];
}

/** The options of a new channel. */
export interface ChannelOptions {
  /**
   * Its label.
   *
   * @defaultValue Its name without `__chn`.
   */
  readonly label?: string;
  /**
   * The objects whose change events it carries.
   *
   * @defaultValue None. Members can be added later.
   */
  readonly members?: readonly ChannelMember[];
}

/** A custom channel, as callers see it. */
export interface ChannelInfo {
  /** API name, which ends with `__chn`. */
  readonly name: string;
  /** The topic to subscribe to. */
  readonly topic: string;
  readonly label: string;
  /** The members, in the order they were added. */
  readonly members: readonly Required<ChannelMember>[];
}

/** Where an object's change events go, besides its own topic. */
export interface ChannelRoutes {
  /** Channels that carry them unchanged. */
  readonly plain: readonly Topic[];
  /** Channels that add fields to them. */
  readonly enriched: readonly EnrichedRoute[];
}

/** A channel that adds fields to an object's change events. */
export interface EnrichedRoute {
  readonly topic: Topic;
  /** API names. */
  readonly fields: readonly string[];
}

interface Channel {
  readonly name: string;
  readonly label: string;
  readonly topic: Topic;
  readonly members: Map<string, Required<ChannelMember>>;
}

const SUFFIX = '__chn';

const fieldNames: Check<readonly string[]> = (path, value) => listOf(path, value, text);
const member: Check<ChannelMember> = (path, value) =>
  readOptions<ChannelMember>(path, value, { entity: text, enrichedFields: optional(fieldNames) });
const members: Check<readonly ChannelMember[]> = (path, value) => listOf(path, value, member);

/**
 * The custom channels of an org. All methods throw a `ConfigurationError` for anything that does not exist or does not
 * fit.
 */
export class Channels {
  private readonly channels = new Map<string, Channel>();
  /** The routes by object. They are rebuilt at every change, because they are read at every event. */
  private routes: ReadonlyMap<string, ChannelRoutes> = new Map();

  /**
   * @param entityNamed - Returns the current object of that name; throws a `ConfigurationError` where there is none.
   */
  constructor(
    private readonly bus: Bus,
    private readonly entityNamed: (name: string) => EntityModel,
  ) {}

  /** Makes a channel and its topic. */
  create(name: string, options: ChannelOptions): ChannelInfo {
    const checks = { label: optional(text), members: optional(members) };
    const { label, members: first = [] } = readOptions<ChannelOptions>('createChannel', options, checks);
    checkName('a channel', name, SUFFIX);
    if (this.channels.has(name)) {
      throw new ConfigurationError(`The channel "${name}" is there already. Delete it, or add members to it.`);
    }
    const added = new Map<string, Required<ChannelMember>>();
    first.forEach((each) => this.addTo(name, added, each));
    const topic = this.bus.createTopic({ name: `/data/${name}`, schemaId: '', canPublish: false });
    const channel = { name, label: label ?? name.slice(0, -SUFFIX.length), topic, members: added };
    this.channels.set(name, channel);
    this.refresh();
    return infoOf(channel);
  }

  /** Adds an object to a channel, which carries its events from now on. */
  addMember(name: string, newMember: ChannelMember): void {
    this.addTo(name, this.named(name).members, member('addChannelMember', newMember));
    this.refresh();
  }

  /** Removes an object from a channel. Events that are already on the channel stay. */
  removeMember(name: string, entity: string): void {
    if (!this.named(name).members.delete(entity)) {
      const has = [...this.named(name).members.keys()].join(', ') || 'none';
      throw new ConfigurationError(`The channel "${name}" has no member "${entity}". Its members are: ${has}.`);
    }
    this.refresh();
  }

  /** Removes a channel and its topic. */
  delete(name: string): void {
    const { topic } = this.named(name);
    this.channels.delete(name);
    this.refresh();
    this.bus.removeTopic(topic);
  }

  /** The channels, in the order they were created. */
  list(): ChannelInfo[] {
    return [...this.channels.values()].map(infoOf);
  }

  /** Where else an object's change events go; `undefined` where no channel has it. */
  routesOf(entity: string): ChannelRoutes | undefined {
    return this.routes.get(entity);
  }

  /**
   * Updates the channels after an object got another schema: every channel that carries only its events gets that
   * schema, too.
   */
  refresh(): void {
    const routes = new Map<string, { plain: Topic[]; enriched: EnrichedRoute[] }>();
    for (const { topic, members: all } of this.channels.values()) {
      const [only, ...others] = all.keys();
      topic.changeSchema(only !== undefined && others.length === 0 ? this.entityNamed(only).schemaId : '');
      for (const { entity, enrichedFields } of all.values()) {
        const of = routes.get(entity) ?? { plain: [], enriched: [] };
        routes.set(entity, of);
        if (enrichedFields.length === 0) {
          of.plain.push(topic);
        } else {
          of.enriched.push({ topic, fields: enrichedFields });
        }
      }
    }
    this.routes = routes;
  }

  private addTo(
    channel: string,
    to: Map<string, Required<ChannelMember>>,
    { entity, enrichedFields = [] }: ChannelMember,
  ) {
    checkEnrichedFields(this.entityNamed(entity), enrichedFields);
    if (to.has(entity)) {
      throw new ConfigurationError(
        `The channel "${channel}" has "${entity}" already. Remove it first, to add it with other fields.`,
      );
    }
    to.set(entity, { entity, enrichedFields: [...enrichedFields] });
  }

  private named(name: string): Channel {
    const channel = this.channels.get(name);
    if (channel === undefined) {
      const known = [...this.channels.keys()].join(', ') || 'none';
      throw new ConfigurationError(`The emulated org has no channel "${name}". Its channels are: ${known}.`);
    }
    return channel;
  }
}

function infoOf({ name, topic, label, members: all }: Channel): ChannelInfo {
  return { name, topic: topic.definition.name, label, members: [...all.values()] };
}

function listOf<T>(path: string, value: unknown, check: Check<T>): T[] {
  if (!Array.isArray(value)) throw wrong(path, 'an array', value);
  return value.map((each, index) => check(`${path}[${index}]`, each));
}

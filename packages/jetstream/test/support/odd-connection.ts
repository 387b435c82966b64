import type { Msg, NatsConnection, Payload, RequestOptions, SubscriptionOptions } from '@nats-io/transport-node';

/** A connection that loses some of the messages that come to callbacks, as a slow consumer does. */
export function losingConnection(nats: NatsConnection, isLost: (message: Msg) => boolean): NatsConnection {
  const subscribe = (subject: string, options: SubscriptionOptions = {}) => {
    const { callback } = options;
    if (callback === undefined) return nats.subscribe(subject, options);
    return nats.subscribe(subject, {
      ...options,
      callback: (error, message) => {
        if (error !== null || !isLost(message)) void callback(error, message);
      },
    });
  };
  return withMembers(nats, { subscribe });
}

/** A connection whose server gives a sign of life so often while a pull waits, whatever was asked of it. */
export function livelyConnection(nats: NatsConnection, heartbeatMs: number): NatsConnection {
  const publish: NatsConnection['publish'] = (subject, payload = '', options) => {
    const isPull = typeof payload === 'string' && subject.includes('.CONSUMER.MSG.NEXT.');
    const pull = () => ({ ...(JSON.parse(payload as string) as Fields), idle_heartbeat: heartbeatMs * 1_000_000 });
    nats.publish(subject, isPull ? JSON.stringify(pull()) : payload, options);
  };
  return withMembers(nats, { publish });
}

/** A connection that holds back the messages that come to callbacks, as long as this is wanted. */
export function holdingConnection(nats: NatsConnection): {
  readonly nats: NatsConnection;
  readonly hold: () => void;
  readonly release: () => void;
} {
  let held: (() => void)[] | undefined;
  const subscribe = (subject: string, options: SubscriptionOptions = {}) => {
    const { callback } = options;
    if (callback === undefined) return nats.subscribe(subject, options);
    return nats.subscribe(subject, {
      ...options,
      callback: (error, message) => {
        const come = () => void callback(error, message);
        if (held) held.push(come);
        else come();
      },
    });
  };
  const release = () => {
    const all = held ?? [];
    held = undefined;
    all.forEach((come) => come());
  };
  return { nats: withMembers(nats, { subscribe }), hold: () => (held = []), release };
}

/** What is changed of the calls of JetStream's API. A call that is not for it comes back as it is. */
export interface Alteration {
  /** The call, before it is sent. */
  readonly call?: (name: string, call: Fields) => Fields;
  /** The answer to a call. */
  readonly answer?: (name: string, answer: Fields) => Fields;
}

/** An object of JetStream's API. */
export type Fields = Readonly<Record<string, unknown>>;

/** A connection whose calls, or their answers, are others, as with a server of a cluster that is behind the others. */
export function alteringConnection(nats: NatsConnection, { call, answer }: Alteration): NatsConnection {
  const request = async (subject: string, payload: Payload = '', options?: RequestOptions): Promise<Msg> => {
    const name = subject.replace('$JS.API.', '');
    const text = typeof payload === 'string' ? payload : Buffer.from(payload).toString();
    const altered = call && text !== '' ? JSON.stringify(call(name, JSON.parse(text) as Fields)) : payload;
    const message = await nats.request(subject, altered, options);
    if (answer === undefined || !subject.startsWith('$JS.API.')) return message;
    const data = answer(name, message.json());
    return withMembers(message, { data: Buffer.from(JSON.stringify(data)), json: () => data });
  };
  return withMembers(nats, { request });
}

/** A connection to a server that has no JetStream itself, and passes calls on to one that has. */
export function frontConnection(nats: NatsConnection): NatsConnection {
  return withMembers(nats, { info: { ...nats.info, jetstream: false } });
}

function withMembers<T extends object>(object: T, members: Readonly<Record<string, unknown>>): T {
  return new Proxy(object, {
    get: (target, name) => {
      if (typeof name === 'string' && name in members) return members[name];
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}

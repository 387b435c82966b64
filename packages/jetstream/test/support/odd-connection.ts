import type { Msg, NatsConnection, SubscriptionOptions } from '@nats-io/transport-node';

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

/** A connection to a server that has no JetStream itself, and passes calls on to one that has. */
export function frontConnection(nats: NatsConnection): NatsConnection {
  return withMembers(nats, { info: { ...nats.info, jetstream: false } });
}

function withMembers(nats: NatsConnection, members: Readonly<Record<string, unknown>>): NatsConnection {
  return new Proxy(nats, {
    get: (target, name) => {
      if (typeof name === 'string' && name in members) return members[name];
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}

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
  return new Proxy(nats, {
    get: (target, name) => {
      if (name === 'subscribe') return subscribe;
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}

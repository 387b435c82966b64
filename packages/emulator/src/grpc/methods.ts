/** The calls with streams that stay open until one side ends them. */
export const STREAM_METHODS = ['Subscribe', 'ManagedSubscribe', 'PublishStream'] as const;

/** One of {@link STREAM_METHODS}. */
export type StreamMethod = (typeof STREAM_METHODS)[number];

/** The calls that publish. */
export const PUBLISH_METHODS = ['Publish', 'PublishStream'] as const;

/** One of {@link PUBLISH_METHODS}. */
export type PublishMethod = (typeof PUBLISH_METHODS)[number];

/** The calls that are served. */
export const METHODS = [...STREAM_METHODS, 'GetTopic', 'GetSchema', 'Publish'] as const;

/** One of {@link METHODS}. */
export type Method = (typeof METHODS)[number];

/** Events in a topic before they come again, with other ids. */
export const RING_SIZE = 1_000;

/**
 * The commit number of a ring's last event: beyond 2^53, as on some orgs, so that only exact 64-bit decoding reads it.
 */
export const LAST_COMMIT_NUMBER = 1_709_303_151_782_928_389n;

/** The commit number of the last event of {@link TOPICS.smallNumbers}. */
export const LAST_SMALL_COMMIT_NUMBER = 170_930_315_178_293n;

/** Events a second on {@link TOPICS.paced}. */
export const PACE = 1_000;

/** What is served. */
export const TOPICS = {
  /** Without end. */
  account: '/data/AccountChangeEvent',
  /** The same with commit numbers below 2^53, for decoders that know no others. */
  smallNumbers: '/data/Small_Numbers__chn',
  /** {@link PACE} events a second, whose commitTimestamp is the stamp of their sending. */
  paced: '/data/Paced__chn',
  /** No event at all. */
  silent: '/data/Silent__chn',
  /** 100 events, then none. */
  hundred: '/data/Hundred__chn',
  /** 200 events, which is the usual window, then none. */
  window: '/data/Window__chn',
  /** Takes events. */
  order: '/event/Order__e',
} as const;

/** The name of a topic. */
export type TopicName = (typeof TOPICS)[keyof typeof TOPICS];

/** Events in a topic before they come again. */
export const RING_SIZE = 1_000;

/** The commit number of a ring's last event: beyond 2^53, as on some orgs, so that only exact 64-bit decoding reads it. */
export const LAST_COMMIT_NUMBER = 1_709_303_151_782_928_389n;

/** What is served. */
export const TOPICS = {
  /** Without end. */
  account: '/data/AccountChangeEvent',
  /** The same with commit numbers below 2^53, for decoders that know no others. */
  smallNumbers: '/data/Small_Numbers__chn',
} as const;

/** The commit number of the last event of {@link TOPICS.smallNumbers}. */
export const LAST_SMALL_COMMIT_NUMBER = 170_930_315_178_293n;

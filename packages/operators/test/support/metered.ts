/** What a meter says before anything has come. */
export const NOTHING = { received: 0, settled: 0, unsettled: 0, errors: 0 };

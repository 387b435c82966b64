/** The exit codes of `rxforce`. */
export const EXIT = {
  /** Done, or drained. */
  done: 0,
  /** Failed while it ran. */
  failed: 1,
  /** The command line or the configuration is wrong. */
  usage: 2,
  /** The login was refused. */
  login: 3,
  /** `check` found something. */
  found: 4,
  /** Ended by a second signal. */
  interrupted: 130,
} as const;

import { plainText, type Logger } from '@rxforce/core/model';

/** Where warnings go by default. */
export const CONSOLE: Logger = {
  warn: (message) => console.warn(plainText(message, 4_000)),
};

import type { PubSubClient } from '@rxforce/core';
import type { Logger } from '@rxforce/core/model';

/** What sinks take from around them. */
export interface SinkContext {
  readonly print: (text: string) => Promise<void>;
  /** Where modules are looked for. */
  readonly directory: string;
  readonly logger: Logger;
  readonly client: PubSubClient;
  /** The org's URL, which says where events come from. It may log in to know it. */
  readonly source: () => Promise<string>;
}

import type { Observable, SchedulerLike } from 'rxjs';
import type { StatusDetail } from '../ports/status.js';
import type { ResolvedPublisherOptions } from './options.js';
import type { OpenStream } from './publish-line.js';
import type { TopicSchemas } from './topic-schemas.js';

/** What publishing works with. */
export interface PublicationParts {
  readonly topic: string;
  readonly options: ResolvedPublisherOptions;
  readonly schemas: TopicSchemas;
  /** The id of the session's user, where it is known. */
  readonly user: () => Observable<string | undefined>;
  readonly open: OpenStream;
  readonly scheduler: SchedulerLike;
  readonly random: () => number;
  readonly warn: (message: string) => void;
  /** Where its status goes; `undefined` for what somebody waits for. */
  readonly tell: ((make: () => StatusDetail) => void) | undefined;
  /** Told when results were emitted. */
  readonly progressed: () => void;
}

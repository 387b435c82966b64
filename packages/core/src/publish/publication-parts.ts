import type { Observable, SchedulerLike } from 'rxjs';
import type { Tell } from '../ports/status.js';
import type { ResolvedPublisherOptions } from './options.js';
import type { OpenStream } from './publish-line.js';
import type { TopicSchemas } from './topic-schemas.js';

/** The parts of publishing. */
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
  /** Receives the status. */
  readonly tell: Tell;
  /** Whether a caller waits for the results, so that no warning has to tell of a refusal. */
  readonly hasCaller: boolean;
  /** Called when results were emitted. */
  readonly progressed: () => void;
}

import { defer } from 'rxjs';
import type { ManagedLine } from './managed-line.js';
import type { StreamSource } from './stream-source.js';
import type { UncommittedEvents } from './uncommitted-events.js';

/**
 * The streams of a managed subscription. The service keeps the position, and each stream starts there. So events that
 * were received and not committed come again on the next stream, and `known` recognizes them. Where the committed
 * position is not valid any more, the service continues as the record's `errorRecoveryReplay` says.
 */
export function managedSource(line: ManagedLine, known: UncommittedEvents): StreamSource {
  return {
    known,
    beginning: undefined,
    carriesCommits: true,
    // Another client may have continued since this one's last commit.
    from: () => 'committed',
    connect: (requests, silence, connected) =>
      defer(() => {
        known.streamOpened();
        return line.connect(requests, silence, connected);
      }),
  };
}

import type { Transport } from '../ports/transport.js';
import type { Beginning } from './beginning.js';
import { RecentEvents } from './recent-events.js';
import type { StreamSource } from './stream-source.js';

/** The streams of a topic. Each begins where the client says. */
export function topicSource(
  transport: Pick<Transport, 'subscribe'>,
  topic: string,
  beginning: Beginning,
): StreamSource {
  const known = new RecentEvents();
  return {
    known,
    beginning,
    carriesCommits: false,
    from: () => beginning.from(),
    connect: (requests, silence, connected) =>
      transport.subscribe({ topic, from: beginning.from() }, requests, silence, connected),
    reset: (preset) => {
      beginning.reset(preset);
      known.clear();
    },
  };
}

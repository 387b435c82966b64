import type { ReplayId } from '../model/replay-id.js';

/** Most events remembered, twice. More than the service can have outstanding, and little memory. */
const GENERATION = 300;

/**
 * The events received last, to recognize one that the service sends again. An event is identified by its own id
 * together with its replay id: on enriched channels several events share a replay id, and publishers may give several
 * events one id.
 */
export class RecentEvents {
  private current = new Map<string, ReplayId>();
  private before = new Map<string, ReplayId>();

  /**
   * Whether the event came before. It is remembered from here on. An event without an id or a replay id cannot be
   * recognized.
   */
  seen(id: string, replayId: ReplayId | undefined): boolean {
    if (id === '' || replayId === undefined) return false;
    const known = this.current.get(id) ?? this.before.get(id);
    if (known?.equals(replayId)) return true;
    if (this.current.size >= GENERATION) {
      this.before = this.current;
      this.current = new Map();
    }
    this.current.set(id, replayId);
    return false;
  }

  /** Forgets all. */
  clear(): void {
    this.current.clear();
    this.before.clear();
  }
}

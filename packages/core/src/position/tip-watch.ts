import type { StreamSource } from './stream-source.js';

/** Where a stream begins. */
type Start = ReturnType<StreamSource['from']>;

/**
 * Knows which stream begins at a newer tip than an earlier one, so that the events in between are missed. While there
 * is no connection no stream begins anywhere, so that each outage counts once.
 */
export class TipWatch {
  private openedFrom: Start | undefined;
  private wasConnected = false;
  /** Whether events are missed once the stream has its connection. */
  private misses = false;

  /** A stream is being opened. */
  opens(from: Start): void {
    this.misses = this.wasConnected && this.openedFrom === 'latest' && from === 'latest';
    this.openedFrom = from;
  }

  /**
   * The stream that was opened last has its connection.
   *
   * @returns Whether events may have been missed before it.
   */
  connected(): boolean {
    const { misses } = this;
    this.wasConnected = true;
    this.misses = false;
    return misses;
  }
}

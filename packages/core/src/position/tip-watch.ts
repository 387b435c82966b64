import type { StreamSource } from './stream-source.js';

/** Where a stream begins. */
type Start = ReturnType<StreamSource['from']>;

/**
 * Knows which stream begins at a newer tip than an earlier one, so that the events in between are missed. While there
 * is no connection no stream begins anywhere, so that each outage is told once.
 */
export class TipWatch {
  private openedFrom: Start | undefined;
  private wasConnected = false;
  /** Whether events are missed once the stream has its connection. */
  private misses = false;

  /** @param missed - Events may have been missed. */
  constructor(private readonly missed: () => void) {}

  /** A stream is being opened. */
  opens(from: Start): void {
    this.misses = this.wasConnected && this.openedFrom === 'latest' && from === 'latest';
    this.openedFrom = from;
  }

  /** The stream that was opened last has its connection. */
  connected(): void {
    this.wasConnected = true;
    this.tell();
  }

  /** There will be no more streams. Those of a `retry()` begin at a newer tip. */
  failed(): void {
    this.tell();
  }

  private tell(): void {
    if (!this.misses) return;
    this.misses = false;
    this.missed();
  }
}

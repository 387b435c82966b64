import type { DeadLetterQueueError } from '@rxforce/core/model';
import { KeptLetters } from './kept-letters.js';
import type { RecordHead, Removals } from './letter-record.js';

/** The place of a kept letter, without the letter itself. */
export interface LetterEntry {
  readonly id: string;
  readonly lastFailedAt: number;
  readonly putAt: number;
  readonly file: LetterFile;
  readonly line: number;
  readonly offset: number;
  readonly length: number;
  isTaken: boolean;
}

/** The content of a line, and its place. */
export interface PlacedRecord {
  readonly head: RecordHead;
  readonly offset: number;
  readonly length: number;
}

/** The known content and state of a file. */
export class LetterFile {
  /** The lines and bytes that were read; only whole puts count. */
  lines = 0;
  bytes = 0;
  /** The valid letters in the file, by their lines. */
  readonly letters = new Map<number, LetterEntry>();
  /** Lines that were removed before they were read. */
  readonly removedUnread = new Set<number>();
  /** The other existing files with lines that this file names as removed. */
  readonly refersTo = new Set<string>();
  /** The state of the file when it was read. */
  seen: { readonly size: number; readonly mtimeMs: number } | undefined;
  /** Why the file could not be read completely. */
  trouble: DeadLetterQueueError | undefined;

  constructor(readonly name: string) {}

  /**
   * Whether the file can be deleted without loss: it has no valid letter, and no removal that keeps a letter of another
   * file from coming back.
   */
  get isUseless(): boolean {
    return this.letters.size === 0 && this.refersTo.size === 0;
  }
}

/**
 * The combined content of the files of a directory, whatever order they were read in.
 *
 * A letter is valid from its line until a record, in any file, names that line as removed. So a removal applies to
 * exactly the letter that was seen, and never to one that another process puts at the same time.
 */
export class LetterIndex {
  readonly kept = new KeptLetters<LetterEntry>((a, b) => a.lastFailedAt - b.lastFailedAt || comparePuts(a, b));
  /** The latest time of a put, in epoch milliseconds. */
  lastPutAt = 0;
  private readonly byName = new Map<string, LetterFile>();
  /**
   * Letters that are hidden by a later one with the same id, because two processes put it without seeing the other's
   * letter.
   */
  private readonly shadowed = new Map<string, readonly LetterEntry[]>();

  /** All files, the oldest first. */
  get files(): readonly LetterFile[] {
    return [...this.byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** The file with a name; an unknown one is added. */
  file(name: string): LetterFile {
    const known = this.byName.get(name);
    if (known) return known;
    const file = new LetterFile(name);
    this.byName.set(name, file);
    return file;
  }

  /** Adds the next lines of a file. */
  add(file: LetterFile, records: readonly PlacedRecord[]): void {
    for (const { head, offset, length } of records) {
      const line = ++file.lines;
      file.bytes = offset + length + 1;
      if (head.type === 'begin') continue;
      for (const [name, lines] of head.removes) this.remove(file, name, lines);
      if (head.type === 'put' && !file.removedUnread.delete(line)) {
        const { id, lastFailedAt, putAt } = head;
        this.addLetter({ id, lastFailedAt, putAt, file, line, offset, length, isTaken: false });
      }
    }
  }

  /** The lines of the letters with these ids. */
  placesOf(ids: Iterable<string>): Removals {
    const places = new Map<string, number[]>();
    for (const id of ids) {
      for (const { file, line } of this.lettersWith(id)) {
        const lines = places.get(file.name);
        if (lines) lines.push(line);
        else places.set(file.name, [line]);
      }
    }
    return places;
  }

  /** Forgets a file that is gone. */
  forget(file: LetterFile): void {
    this.byName.delete(file.name);
    for (const letter of file.letters.values()) this.removeLetter(letter);
    for (const other of this.byName.values()) other.refersTo.delete(file.name);
  }

  private remove(by: LetterFile, name: string, lines: readonly number[]): void {
    const file = this.file(name);
    if (file !== by) by.refersTo.add(name);
    for (const line of lines) {
      const letter = file.letters.get(line);
      if (letter) this.removeLetter(letter);
      else if (line > file.lines) file.removedUnread.add(line);
    }
  }

  private addLetter(letter: LetterEntry): void {
    letter.file.letters.set(letter.line, letter);
    this.lastPutAt = Math.max(this.lastPutAt, letter.putAt);
    const others = this.lettersWith(letter.id);
    if (others.length === 0) this.kept.add(letter);
    else this.choose([letter, ...others]);
  }

  private removeLetter(letter: LetterEntry): void {
    letter.file.letters.delete(letter.line);
    const others = this.lettersWith(letter.id).filter((other) => other !== letter);
    this.kept.delete(letter);
    if (others.length > 0) this.choose(others);
  }

  /** The valid letters with an id, the kept one first. */
  private lettersWith(id: string): readonly LetterEntry[] {
    const letter = this.kept.get(id);
    return letter ? [letter, ...(this.shadowed.get(id) ?? NONE)] : NONE;
  }

  /** Of several letters with the same id, keeps the one that was put last. */
  private choose(letters: readonly LetterEntry[]): void {
    const [last, ...others] = [...letters].sort((a, b) => comparePuts(b, a)) as [LetterEntry, ...LetterEntry[]];
    if (this.kept.get(last.id) !== last) {
      // A new object, because the entry that was kept before may still be in the list of kept letters.
      const again = { ...last };
      last.file.letters.set(last.line, again);
      this.kept.add(again);
    }
    if (others.length > 0) this.shadowed.set(last.id, others);
    else this.shadowed.delete(last.id);
  }
}

const NONE: readonly LetterEntry[] = [];

/** The order of the puts, as far as it is defined between processes. */
function comparePuts(a: LetterEntry, b: LetterEntry): number {
  return a.putAt - b.putAt || (a.file.name < b.file.name ? -1 : a.file.name > b.file.name ? 1 : a.line - b.line);
}

import { formatDeadLetter } from '../../src/dead-letter-codec.js';
import { LetterDirectory } from '../../src/letter-directory.js';
import type { LetterRecord } from '../../src/letter-record.js';
import { letterOf } from '../../src/testing/queue-kit.js';
import { letterFolder } from './letter-folder.js';

/** A record that puts a letter, of which `more` follow that belong to it. */
export const putOf = ({ index }: LetterDirectory, id: string, more = 0): LetterRecord => ({
  type: 'put',
  more,
  id,
  lastFailedAt: 1,
  putAt: index.lastPutAt + 1,
  removes: index.placesOf([id]),
  letter: formatDeadLetter(letterOf(id)).unwrap(),
});

/** A record that removes letters. */
export const removalOf = ({ index }: LetterDirectory, ...ids: string[]): LetterRecord => ({
  type: 'remove',
  removes: index.placesOf(ids),
});

/** Puts letters together. */
export const put = (letters: LetterDirectory, ...ids: string[]) => letters.append(ids.map((id) => putOf(letters, id)));

/** The letters that a process sees. */
export const idsIn = ({ index }: LetterDirectory) => [...index.kept.inOrder()].map(({ id }) => id).sort();

/** Gives each test of a suite a folder, and the views that processes have of it. */
export function letterViews() {
  const folder = letterFolder();
  /** A process's view, up to date. */
  const opened = async (maxFileBytes = 1_000_000) => {
    const letters = new LetterDirectory(folder.directory, maxFileBytes);
    await letters.refresh();
    return letters;
  };
  const idsOnDisk = async () => idsIn(await opened());
  return { folder, files: () => folder.files(), opened, idsOnDisk };
}

/**
 * Our client with its position in a file and a window that hides the disk at any speed.
 *
 * @packageDocumentation
 */
import { runWithFileStore } from './with-file-store.js';

runWithFileStore(20_000);

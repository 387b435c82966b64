/**
 * Our client with its position in a file and the usual window.
 *
 * @packageDocumentation
 */
import { runWithFileStore } from './with-file-store.js';

runWithFileStore(200);

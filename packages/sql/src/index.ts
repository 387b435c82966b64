/**
 * A Salesforce org mirrored into PostgreSQL or SQLite, with positions and dead letters in the same database.
 *
 * @packageDocumentation
 */
export { sqlDeadLetterQueue } from './sql-dead-letter-queue.js';
export { sqlMirror } from './sql-mirror.js';
export { sqlReplayStore } from './sql-replay-store.js';
export type { PgConnection, PgPool } from './engine/postgres.js';
export type { SqliteConnection, SqliteStatement } from './engine/sqlite.js';
export type { SqlSource } from './engine/open-database.js';
export type { SqlDeadLetterQueue, SqlDeadLetterQueueOptions } from './sql-dead-letter-queue.js';
export type { SqlMirrorOptions } from './mirror/mirror-options.js';
export type { ColumnsPolicy } from './mirror/mirror-table.js';
export type { SqlMirror } from './sql-mirror.js';
export type { SqlReplayStore, SqlReplayStoreOptions } from './sql-replay-store.js';

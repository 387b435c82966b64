/**
 * A real PostgreSQL in a temporary folder, as the tests of `@rxforce/sql` start it.
 *
 * @packageDocumentation
 */
export { startPostgres } from '../../../packages/sql/test/support/postgres.js';

/**
 * The live page of `rxforce run`, for programs of your own.
 *
 * @packageDocumentation
 */
export { livePage } from '@rxforce/live-page';
export type { LivePage, LivePageOptions } from '@rxforce/live-page';

/**
 * What pages that show a process are made of: a small server of routes and server-sent events that only this machine
 * reaches, and the files that all pages have in common.
 *
 * @packageDocumentation
 */
export { assetRoutes, kitRoutes } from './server/assets.js';
export { objectIn, problem } from './server/route.js';
export { isLoopback } from './server/guard.js';
export { servePage } from './server/serve-page.js';
export type { Feed, PageAnswer, PageRequest, PageRoute } from './server/route.js';
export type { PageServer, PageServerOptions } from './server/serve-page.js';

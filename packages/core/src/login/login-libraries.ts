/**
 * The libraries of logins. They take longer to load than the rest of a start, and a session that was opened elsewhere
 * needs none of them. So the first login that needs one loads it.
 *
 * @packageDocumentation
 */

/** The library of OAuth's requests. */
export type OAuth = typeof import('oauth4webapi');

/** Loads the library of OAuth's requests. */
export const loadOAuth = (): Promise<OAuth> => import('oauth4webapi');

/** Loads the library of signatures. */
export const loadJose = () => import('jose');

/** Loads the library of HTTP. */
export const loadUndici = () => import('undici');

/**
 * How the packages of rxforce send requests to an org. **Unstable**: only for sibling packages of the same version,
 * without any promise of compatibility. Applications and other libraries import nothing from here.
 *
 * @packageDocumentation
 */
export { send } from './login/login-http.js';
export type { LoginAnswer, LoginRequest } from './login/login-http.js';
export type { LoginEndpoint } from './login/login-options.js';
export type { ProxyOption } from './net/proxy.js';

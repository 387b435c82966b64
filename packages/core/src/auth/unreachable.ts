import { ConnectionError } from '../model/errors.js';

/** What is known of a request that got no answer. */
export interface Unanswered {
  readonly cause: unknown;
  readonly timeoutMs: number;
  /** The environment, which may name a proxy. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

interface Reason {
  readonly code: RegExp;
  /** Whether the same request may get an answer later. */
  readonly retriable: boolean;
  readonly advice: (host: string, unanswered: Unanswered) => string;
}

/** Why there is no answer, by the codes of Node and undici. */
const REASONS: readonly Reason[] = [
  {
    code: /proxy/i,
    retriable: false,
    advice: () =>
      'the proxy did not let it through. Check HTTPS_PROXY, its user name and password, and what the proxy allows; hosts in ' +
      'NO_PROXY are reached without it.',
  },
  {
    code: /ENOTFOUND|EAI_/,
    retriable: true,
    advice: (host) => `no host of that name is known. Check the spelling of loginUrl (${host}), and the DNS.`,
  },
  {
    code: /ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|ECONNRESET|EPIPE|UND_ERR_SOCKET/,
    retriable: true,
    advice: (host) =>
      `the connection to ${host} was refused or broke. Check loginUrl, and that a firewall lets it through; behind a proxy, ` +
      'set HTTPS_PROXY.',
  },
  {
    code: /CERT|SELF_SIGNED|UNABLE_TO|ERR_TLS/,
    retriable: false,
    advice: (host) =>
      `the certificate of ${host} is not trusted. Behind a proxy that opens TLS, or with an emulator, give its certificate ` +
      'authority as the option ca, or in the environment variable NODE_EXTRA_CA_CERTS.',
  },
  {
    code: /SSL|EPROTO|HPE_|UND_ERR_HTTP_PARSER/,
    retriable: false,
    advice: (host) =>
      `what answers at ${host} does not speak as loginUrl says. Check its scheme and port: "https://" for all but an ` +
      'emulator without TLS.',
  },
  {
    code: /Timeout|TIMEOUT|ETIMEDOUT|ABORT/,
    retriable: true,
    advice: (_host, { timeoutMs }) =>
      `there was no answer within ${timeoutMs} ms. Check that a firewall lets it through; behind a proxy, set HTTPS_PROXY.`,
  },
];

/** The error of a request to a login endpoint that got no answer. */
export function unreachable(url: string, unanswered: Unanswered): ConnectionError {
  const { cause, environment } = unanswered;
  const codes = codesOf(cause);
  const { host } = new URL(url);
  const reason = REASONS.find(({ code }) => code.test(codes));
  const proxy = proxyIn(environment);
  const advice = reason?.advice(host, unanswered) ?? 'nobody answered. Check loginUrl and the network.';
  return new ConnectionError(`Cannot log in: ${url} cannot be reached (${codes}): ${advice}${proxy}`, {
    cause,
    retriable: reason?.retriable ?? true,
  });
}

/** All codes in a chain of causes; the message of one that has none. */
function codesOf(thrown: unknown): string {
  const codes: string[] = [];
  for (let error = thrown as ErrorLike | undefined; error; error = error.cause as ErrorLike | undefined) {
    // What a proxy answers has no code of its own.
    const isProxys = /proxy/i.test(error.message ?? '');
    const code = isProxys || typeof error.code !== 'string' ? (error.message ?? error.name) : error.code;
    codes.push(error.name === 'TimeoutError' ? error.name : String(code));
  }
  return [...new Set(codes)].join(', ');
}

interface ErrorLike {
  readonly name?: string;
  readonly message?: string;
  readonly code?: unknown;
  readonly cause?: unknown;
}

/** Only its host: a proxy's URL may hold a password. */
function proxyIn(environment: Unanswered['environment']): string {
  const proxy = ['https_proxy', 'HTTPS_PROXY', 'http_proxy', 'HTTP_PROXY']
    .map((name) => environment[name])
    .find(Boolean);
  if (proxy === undefined) return '';
  const host = URL.canParse(proxy) ? new URL(proxy).host : '';
  return ` The environment names the proxy ${host} for hosts that NO_PROXY does not list.`;
}

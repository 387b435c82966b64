import { ConnectionError } from '../model/errors.js';
import type { Proxy } from '../net/proxy.js';

/** The facts about a request that got no answer. */
export interface Unanswered {
  readonly cause: unknown;
  readonly timeoutMs: number;
  /** The proxy of the request, if any. */
  readonly proxy?: Proxy | undefined;
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
    code: /ANSWER_TOO_LONG/,
    retriable: false,
    advice: (host) =>
      `the answer of ${host} is longer than any of Salesforce, and was cut. Check loginUrl, and what is in between.`,
  },
  {
    code: /Proxy response \(5/,
    retriable: true,
    advice: (host) => `the proxy did not get through to ${host}. Check loginUrl, and what the proxy can reach.`,
  },
  {
    code: /Proxy response/,
    retriable: false,
    advice: () =>
      'the proxy did not let it through. Check the user name and password in HTTPS_PROXY or the option proxy, and what the proxy ' +
      'allows; hosts in NO_PROXY are reached without it.',
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
    code: /ALTNAME/,
    retriable: false,
    advice: (host) => `the certificate that ${host} shows is for another name. Check the spelling of loginUrl.`,
  },
  {
    code: /CERT_HAS_EXPIRED|CERT_NOT_YET_VALID/,
    retriable: false,
    advice: (host) =>
      `the certificate of ${host} is not valid at this time. Check the clock of this machine; if it is right, the ` +
      'certificate must be renewed.',
  },
  {
    code: /CERT|SELF_SIGNED|UNABLE_TO|ERR_TLS/,
    retriable: false,
    advice: (host) =>
      `the certificate of ${host} is not trusted. Behind a proxy that opens TLS, or with an emulator, give its certificate ` +
      'authority as the option ca (RXFORCE_CA_FILE for rxforce-codegen), or in the environment variable NODE_EXTRA_CA_CERTS.',
  },
  {
    code: /SSL|EPROTO|HTTPParserError/,
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

/**
 * The error of a request to a login endpoint that got no answer. Without its cause: undici puts what it has read of an
 * answer into some errors, and that may be a token.
 */
export function unreachable(url: string, unanswered: Unanswered): ConnectionError {
  const { cause, proxy } = unanswered;
  const codes = codesOf(cause);
  const { host } = new URL(url);
  const reason = REASONS.find(({ code }) => code.test(codes));
  const advice = reason?.advice(host, unanswered) ?? 'nobody answered. Check loginUrl and the network.';
  return new ConnectionError(`Cannot log in: ${url} cannot be reached (${codes}): ${advice}${wayOf(proxy)}`, {
    retriable: reason?.retriable ?? true,
  });
}

/** All codes in a chain of causes. */
function codesOf(thrown: unknown): string {
  const codes: string[] = [];
  for (let error = thrown as ErrorLike | undefined; error; error = error.cause as ErrorLike | undefined) {
    codes.push(codeOf(error));
  }
  return [...new Set(codes)].join(', ');
}

/** Some tell more by their name or their message: what a proxy answers has the code of any aborted request. */
function codeOf({ name = 'unknown error', message = name, code }: ErrorLike): string {
  if (name === 'TimeoutError' || name === 'HTTPParserError') return name;
  return typeof code === 'string' && !message.startsWith('Proxy response') ? code : message;
}

interface ErrorLike {
  readonly name?: string;
  readonly message?: string;
  readonly code?: unknown;
  readonly cause?: unknown;
}

/** Names only the host, as a proxy's URL may hold a password. */
function wayOf(proxy: Proxy | undefined): string {
  if (proxy === undefined) return '';
  return ` ${capital(proxy.setBy)} names the proxy ${proxy.hostname}:${proxy.port} that it went by.`;
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

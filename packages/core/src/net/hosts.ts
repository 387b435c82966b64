import { BlockList, isIP } from 'node:net';

/** The target of a request. */
export interface Target {
  /** A name or an address, without brackets. */
  readonly host: string;
  readonly port: number;
}

/** Where an endpoint, `host:port` or `[address]:port`, leads to. */
export function targetOf(endpoint: string): Target {
  const colon = endpoint.lastIndexOf(':');
  return { host: canonicalHost(endpoint.slice(0, colon)), port: Number(endpoint.slice(colon + 1)) };
}

/**
 * A host in the one form that hosts are compared in: small letters, addresses as short as they go, no dot at the end.
 */
export function canonicalHost(host: string): string {
  const bare = host.replace(/^\[|\]$/g, '');
  const url = `http://${bare.includes(':') ? `[${bare}]` : bare}`;
  const isHost = !/[\s/?#@\\]/.test(bare) && URL.canParse(url);
  const name = isHost ? new URL(url).hostname : bare.toLowerCase();
  return name.replace(/^\[|\]$/g, '').replace(/\.$/, '');
}

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

/**
 * Whether what is sent to a host stays on this machine. `.test` is set aside for tests (RFC 6761): nobody can own a
 * name in it.
 */
export function isLoopback(host: string): boolean {
  const name = canonicalHost(host);
  const family = isIP(name);
  if (family !== 0) return LOOPBACK.check(name, family === 6 ? 'ipv6' : 'ipv4');
  return /(^|\.)(localhost|test)$/.test(name);
}

const SALESFORCE =
  /(^|\.)((salesforce|force|crmforce|cloudforce|visualforce)\.(com|mil|cn)|sfcrm(products|apps)\.cn|salesforce-[a-z]+\.com)$/;

/**
 * Whether a host is Salesforce's own, of the public, the government's or the Chinese cloud. All of them speak TLS only.
 */
export function isSalesforceHost(host: string): boolean {
  return SALESFORCE.test(canonicalHost(host));
}

import { BlockList, isIP } from 'node:net';
import { canonicalHost, type Target } from './hosts.js';

/**
 * Whether a list such as that of `NO_PROXY` covers a target. Entries stand between commas or blanks; empty ones count
 * for nothing.
 *
 * - `example.com`, `.example.com`, `*.example.com`: the host, and all hosts in that domain.
 * - `10.1.2.3`, `::1`, `[::1]`: the address, however it is written.
 * - `10.0.0.0/8`, `fd00::/8`: all addresses of that network. Names are not looked up.
 * - `*`: everything. Elsewhere in a name it stands for any characters: `10.1.*`.
 * - any of them with `:443` behind: that port only.
 */
export function isListed(list: string, target: Target): boolean {
  return list.split(/[\s,]+/).some((entry) => entry !== '' && covers(entry, target));
}

function covers(entry: string, { host, port }: Target): boolean {
  const { name, only } = partsOf(entry);
  if (only !== undefined && only !== port) return false;
  return name.includes('/') ? isInNetwork(name, host) : isNamed(name, host);
}

/** What follows the last colon is a port, unless the entry is an IPv6 address without brackets. */
function partsOf(entry: string): { readonly name: string; readonly only?: number } {
  const inBrackets = /^\[([^\]]+)\](\/\d+)?(?::(\d+))?$/.exec(entry);
  const [name = entry, port] = inBrackets
    ? [`${inBrackets[1]}${inBrackets[2] ?? ''}`, inBrackets[3]]
    : (/^([^:]+):(\d+)$/.exec(entry)?.slice(1) ?? [entry]);
  return { name, ...(port !== undefined && { only: Number(port) }) };
}

function isInNetwork(cidr: string, host: string): boolean {
  const [network = '', bits = ''] = cidr.split('/');
  const family = isIP(network);
  if (family === 0 || isIP(host) === 0 || !/^\d+$/.test(bits) || Number(bits) > (family === 6 ? 128 : 32)) return false;
  const networks = new BlockList();
  networks.addSubnet(network, Number(bits), familyOf(network));
  return networks.check(host, familyOf(host));
}

const familyOf = (address: string) => (isIP(address) === 6 ? 'ipv6' : 'ipv4');

function isNamed(name: string, host: string): boolean {
  const domain = name.replace(/^\*?\./, '');
  if (domain.includes('*')) return patternOf(name).test(host);
  const wanted = canonicalHost(domain);
  if (wanted === '') return false;
  return wanted === host || (isIP(host) === 0 && host.endsWith(`.${wanted}`));
}

function patternOf(name: string): RegExp {
  const parts = name.toLowerCase().split(/\*+/);
  return new RegExp(`^${parts.map((part) => part.replace(/[^\w]/g, '\\$&')).join('.*')}$`);
}

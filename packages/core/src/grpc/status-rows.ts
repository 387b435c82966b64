import { status, type StatusObject } from '@grpc/grpc-js';
import { isSalesforceHost, targetOf } from '../net/hosts.js';
import { defect, slower, unavailableTopic } from './error-advice.js';
import type { CallContext, Row } from './error-row.js';

/** The meaning of a gRPC status without an error-code of the service. The first match wins. */
export const STATUS_ROWS: readonly Row[] = [
  {
    // The form that grpc-js gives to a plain HTTP answer, with any status. The service itself always answers in gRPC.
    source: 'grpc',
    details: /^Received HTTP status code \d|^Received content-type /,
    code: 'connection',
    retriable: true,
    advice: notTheService,
  },
  {
    source: 'grpc',
    grpcStatus: status.PERMISSION_DENIED,
    details: /^Protocol not secure enough/,
    code: 'connection',
    retriable: false,
    advice: ({ endpoint }) =>
      `What answers at ${endpoint} does not take this TLS connection: its ciphers are too weak for it. Look for a proxy that ` +
      'opens TLS, and update Node.js.',
  },
  {
    // grpc-js does not say which of the two it was.
    source: 'grpc',
    details: /^Connection dropped/,
    code: 'connection',
    retriable: true,
    advice: ({ endpoint, proxy }) =>
      `The connection to ${endpoint}${by(proxy)} was lost: it was cut, or a ping on it had no answer. Try again after a pause.`,
  },
  {
    // A stream that broke without a word of the service: reset, cut, or ended without a status.
    source: 'grpc',
    details: /Received RST_STREAM with code|^Call ended without gRPC status|^Call cancelled$/,
    code: 'connection',
    retriable: true,
    advice: ({ endpoint, proxy }) =>
      `The connection to ${endpoint} was cut, or the stream on it reset, by the service or something before it${by(proxy)}. Try ` +
      'again after a pause.',
  },
  {
    // The client itself detects this, also where a short message unpacks to a long one.
    source: 'grpc',
    grpcStatus: status.RESOURCE_EXHAUSTED,
    details: /^Received message (larger than max|that decompresses to a size larger)/,
    code: 'configuration',
    retriable: false,
    advice: ({ endpoint }) =>
      `${endpoint} sent a message that is longer than this client takes, 128 MiB unless channelOptions say otherwise. Where events ` +
      "are that large, raise channelOptions: { 'grpc.max_receive_message_length' }, in bytes, or lower `window`, so that fewer " +
      'come at once; Salesforce sends none above 100 MB. Trying again does not help.',
  },
  {
    source: 'recorded',
    grpcStatus: status.UNAUTHENTICATED,
    code: 'authentication',
    retriable: false,
    advice: () => 'The session was refused: it has expired, or is of another org. Log in again.',
  },
  {
    source: 'recorded',
    grpcStatus: status.PERMISSION_DENIED,
    code: 'topic-unavailable',
    retriable: false,
    advice: unavailableTopic,
  },
  {
    source: 'grpc',
    grpcStatus: status.NOT_FOUND,
    code: 'topic-unavailable',
    retriable: false,
    advice: unavailableTopic,
  },
  {
    source: 'grpc',
    grpcStatus: status.UNIMPLEMENTED,
    code: 'connection',
    retriable: false,
    advice: ({ endpoint }) =>
      `The server at ${endpoint} is not a Pub/Sub API. The endpoint is "api.pubsub.salesforce.com:7443" (or :443), or ` +
      'the gRPC address of an emulator; it is not the login or My Domain URL.',
  },
  {
    // The form that grpc-js gives to HTTP/2's ENHANCE_YOUR_CALM. It does not come from the service, so it does not say
    // what the service did.
    source: 'grpc',
    grpcStatus: status.RESOURCE_EXHAUSTED,
    details: /^Bandwidth exhausted or memory limit exceeded/,
    code: 'connection',
    retriable: true,
    advice: ({ endpoint }) =>
      `${endpoint}, or a proxy before it, closed the connection for what it sent: too many pings, as a rule. If it comes again ` +
      "and again, raise channelOptions: { 'grpc.keepalive_time_ms' }.",
  },
  { source: 'grpc', grpcStatus: status.RESOURCE_EXHAUSTED, code: 'throttled', retriable: true, advice: slower },
  {
    source: 'grpc',
    grpcStatus: status.UNAVAILABLE,
    details: /certificate|unable to verify|altnames|CERT_|SSL|wrong version number/i,
    code: 'connection',
    retriable: false,
    advice: ({ endpoint }) =>
      `No trusted TLS connection to ${endpoint}. If it has a certificate authority of its own (an emulator, a company ` +
      `proxy), pass it as tls: { ca }${plaintext(endpoint, '; if it speaks plaintext, pass insecure: true')}.`,
  },
  {
    source: 'grpc',
    grpcStatus: status.UNAVAILABLE,
    details: /ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|Name resolution/i,
    code: 'connection',
    retriable: true,
    advice: ({ endpoint, proxy }) =>
      `Nothing answers at ${endpoint}${by(proxy)}. Check the endpoint and the network; some firewalls let port 443 pass and not 7443.`,
  },
  {
    // Another call has given up the connection that this one waited for, too.
    source: 'grpc',
    grpcStatus: status.UNAVAILABLE,
    details: /^Channel closed before call started/,
    code: 'connection',
    retriable: true,
    advice: ({ endpoint, proxy }) =>
      `No connection to ${endpoint}${by(proxy)} came about in time, and another one is made. Check the endpoint and the network; ` +
      'some firewalls let port 443 pass and not 7443.',
  },
  {
    // grpc-js says no more about a proxy that makes no tunnel.
    source: 'grpc',
    grpcStatus: status.UNAVAILABLE,
    details: /Last error: undefined/,
    code: 'connection',
    retriable: true,
    advice: ({ endpoint, proxy = 'a proxy' }) =>
      `No way to ${endpoint}: ${proxy} made no tunnel. Either nobody answers there, or it wants a user name and password, or it ` +
      'does not let this host and port through: many let port 443 pass only. Hosts in NO_PROXY are reached without it.',
  },
  {
    source: 'grpc',
    grpcStatus: status.UNAVAILABLE,
    code: 'connection',
    retriable: true,
    advice: ({ endpoint, proxy }) =>
      `The connection to ${endpoint}${by(proxy)} was lost or not made. Try again after a pause; if it never works, check the ` +
      `network, and that it lets HTTP/2 pass${plaintext(endpoint, ', and whether the server speaks TLS or plaintext (insecure: true)')}.`,
  },
  { source: 'grpc', grpcStatus: status.INVALID_ARGUMENT, code: 'protocol', retriable: false, advice: defect },
  { source: 'grpc', grpcStatus: status.OUT_OF_RANGE, code: 'protocol', retriable: false, advice: defect },
  {
    source: 'grpc',
    grpcStatus: status.INTERNAL,
    code: 'service',
    retriable: true,
    advice: () => 'The stream broke. Try again after a pause.',
  },
  {
    source: 'recorded',
    grpcStatus: status.DEADLINE_EXCEEDED,
    code: 'service',
    retriable: true,
    advice: () =>
      'The time for this call ran out: no answer came within 30 seconds, or nothing was committed on the stream of a managed ' +
      'subscription for 1,800 seconds. Try again after a pause.',
  },
];

/** Users of a proxy look there first. */
const by = (proxy: string | undefined) => (proxy === undefined ? '' : ` by ${proxy}`);

/** No message may lead a user to send an access token in plaintext. */
const plaintext = (endpoint: string, hint: string) => (isSalesforceHost(targetOf(endpoint).host) ? '' : hint);

function notTheService({ endpoint, proxy }: CallContext, { details }: StatusObject): string {
  const what = details.replace(/^Received HTTP status code/, 'HTTP').replace(/^Received /, 'HTTP, with ');
  return (
    `Something answered for ${endpoint} with plain ${what}, which is no word of the Pub/Sub API: a gateway, a firewall or a proxy ` +
    `in between${by(proxy)}, or the endpoint is wrong ("api.pubsub.salesforce.com:7443", or :443; not the login or My Domain ` +
    'URL). Try again after a pause; if it stays, ask who runs what is in between to let gRPC (HTTP/2) pass.'
  );
}

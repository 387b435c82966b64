/** The length in bytes of a replay id, as the service issues it. */
const FULL_LENGTH = 10;
/** The length in bytes of a replay id without its last two bytes, which the service also accepts. */
const SHORT_LENGTH = 8;

/**
 * The replay id of a position: its number in eight bytes, then two zero bytes. Only the bus may know this; to a client
 * the bytes mean nothing.
 */
export function encodeReplayId(position: number): Buffer {
  const bytes = Buffer.alloc(FULL_LENGTH);
  bytes.writeUInt32BE(Math.floor(position / 0x100000000), 0);
  bytes.writeUInt32BE(position % 0x100000000, 4);
  return bytes;
}

/** The position that a replay id names; `undefined` where it does not have the form of one. */
export function decodeReplayId(replayId: Uint8Array): number | undefined {
  if (!hasForm(replayId)) return undefined;
  const bytes = Buffer.from(replayId.buffer, replayId.byteOffset, replayId.byteLength);
  const position = bytes.readUInt32BE(0) * 0x100000000 + bytes.readUInt32BE(4);
  return Number.isSafeInteger(position) ? position : undefined;
}

/** One text for all forms of a replay id that mean the same position. */
export function replayIdKey(replayId: Uint8Array): string {
  const significant = hasForm(replayId) ? replayId.subarray(0, SHORT_LENGTH) : replayId;
  return Buffer.from(significant).toString('latin1');
}

function hasForm(replayId: Uint8Array): boolean {
  return (
    replayId.length === SHORT_LENGTH || (replayId.length === FULL_LENGTH && replayId[8] === 0 && replayId[9] === 0)
  );
}

/** Characters of a serial number in a text. */
export const SERIAL_LENGTH = 8;

/** The four hexadecimal digits of each number of 16 bits, as the 32-bit number that their bytes are. */
const DIGITS = Uint32Array.from({ length: 2 ** 16 }, (_, value) =>
  Buffer.from(value.toString(16).padStart(4, '0')).readUInt32LE(),
);

/** Writes a number of 32 bits as eight hexadecimal digits. */
export function writeSerial(bytes: Buffer, position: number, serial: number): void {
  bytes.writeUInt32LE(DIGITS[serial >>> 16] ?? 0, position);
  bytes.writeUInt32LE(DIGITS[serial & 0xffff] ?? 0, position + 4);
}

import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';

const toGzip = promisify(gzip);

/** Whether the client of a request accepts answers in gzip. */
export function acceptsGzip({ headers }: Pick<IncomingMessage, 'headers'>): boolean {
  const { 'accept-encoding': accepted = '' } = headers;
  return [accepted]
    .flat()
    .join()
    .toLowerCase()
    .split(',')
    .some((each) => {
      const [name = '', ...parameters] = each.split(';').map((part) => part.trim());
      return name === 'gzip' && !parameters.some((parameter) => /^q=0(?:\.0*)?$/.test(parameter));
    });
}

/** A text in gzip; quickly rather than as small as possible. */
export function compressed(text: string): Promise<Buffer> {
  return toGzip(text, { level: constants.Z_BEST_SPEED });
}

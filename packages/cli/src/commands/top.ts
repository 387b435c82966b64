import { setTimeout as wait } from 'node:timers/promises';
import { ConfigurationError, ConnectionError, plainText } from '@rxforce/core/model';
import type { LiveReading } from '@rxforce/live-page';
import type { Context } from '../command/context.js';
import { EXIT } from '../command/exit-codes.js';
import type { CommonOptions } from '../command/load.js';
import { DEFAULT_FILE } from '../config/configuration.js';
import { readHttp } from '../config/read-http.js';
import { topText, type TopTextOptions } from '../runtime/top-text.js';

/** The options of `rxforce top`. */
export interface TopOptions extends CommonOptions {
  readonly url?: string;
  readonly token?: string;
  readonly once?: boolean;
}

/** A process that is asked. */
interface Asked {
  readonly url: string;
  readonly token: string | undefined;
}

const EVERY_MS = 1_000;
const ANSWER_WITHIN_MS = 5_000;
/** Goes to the first place of the screen, and clears what is there. */
const CLEAR = '\u001b[H\u001b[2J';

/** `rxforce top`: what a running process does, as a table that is drawn again each second. */
export async function top(context: Context, options: TopOptions): Promise<number> {
  const asked = askedOf(context, options);
  const { json = false } = options;
  const isDrawn = !json && context.around.stdout.isTTY === true;
  if (options.once === true || (!json && !isDrawn)) {
    await context.print(textOf(context, await readingOf(asked), json));
    return EXIT.done;
  }
  const ended = new AbortController();
  const stop = context.around.onSignal(() => ended.abort());
  try {
    await drawUntil(ended.signal, context, asked, json);
  } finally {
    stop();
  }
  return EXIT.done;
}

/** The last reading stays, with a line that says so, while the process does not answer. */
async function drawUntil(ended: AbortSignal, context: Context, asked: Asked, json: boolean): Promise<void> {
  let last = await readingOf(asked);
  while (!ended.aborted) {
    let problem = '';
    try {
      last = await readingOf(asked);
    } catch (error) {
      if (!ConnectionError.is(error)) throw error;
      problem = `${error.message} These are its last figures.\n`;
    }
    if (!json) await context.print(drawingOf(context, last, problem));
    else if (problem === '') await context.print(`${JSON.stringify(last)}\n`);
    await wait(EVERY_MS, undefined, { signal: ended }).catch(() => undefined);
  }
}

/** The text of one reading, whatever its length. */
function textOf(context: Context, reading: LiveReading, json: boolean): string {
  return json ? `${JSON.stringify(reading, null, 2)}\n` : topText(reading, lookOf(context));
}

/** The same for a screen, which it must not leave: what scrolls away at the top is what matters most. */
function drawingOf(context: Context, reading: LiveReading, problem: string): string {
  const { rows } = context.around.stdout as { readonly rows?: number };
  const look = lookOf(context);
  // The cursor stands on the line after the last one.
  const left = (rows ?? Infinity) - 1 - Math.ceil(problem.length / (look.width ?? Infinity));
  return `${CLEAR}${topText(reading, { ...look, height: left })}${problem}`;
}

function lookOf({ around, hasColor }: Context): TopTextOptions {
  const { columns } = around.stdout as { readonly columns?: number };
  return { hasColor, ...(columns !== undefined && { width: columns }) };
}

/** @throws `ConfigurationError` when nothing says whom to ask. */
function askedOf(context: Context, { url, token, config = DEFAULT_FILE }: TopOptions): Asked {
  // A shorter one is none of a page, and would hide parts of words.
  if (token !== undefined && token.length >= 4) context.keepSecret([token]);
  if (url !== undefined) {
    if (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)) return { url, token };
    throw new ConfigurationError(`--url ${url} is no URL, such as http://127.0.0.1:8080.`);
  }
  const http = readHttp(config, context.environment);
  if (http === undefined) {
    throw new ConfigurationError('The configuration has no http, so nobody can be asked: add it, or give --url.');
  }
  if (http.ui.token !== undefined) context.keepSecret([http.ui.token]);
  const host = http.host === '0.0.0.0' || http.host === '::' ? '127.0.0.1' : http.host;
  const address = host.includes(':') ? `[${host}]` : host;
  return { url: `http://${address}:${http.port}`, token: token ?? http.ui.token };
}

/** @throws rejects with a `ConnectionError` when nobody answers, a `ConfigurationError` when it is somebody else. */
async function readingOf({ url, token }: Asked): Promise<LiveReading> {
  const state = new URL('/api/state', url);
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const signal = AbortSignal.timeout(ANSWER_WITHIN_MS);
  const response = await fetch(state, { headers, signal }).catch((cause: unknown) => {
    throw new ConnectionError(`${url} does not answer.`, { cause });
  });
  const body = (await response.json().catch(() => ({}))) as Partial<LiveReading> & { readonly error?: unknown };
  if (response.ok && Array.isArray(body.subscriptions)) return body as LiveReading;
  if (response.status === 401) {
    const what =
      token === undefined ? 'needs its token: give --token' : 'has another token than the one that was given';
    throw new ConfigurationError(`${url} ${what}.`);
  }
  const why = typeof body.error === 'string' ? `: ${plainText(body.error)}` : '';
  throw new ConfigurationError(
    `${url} has no live page (${response.status}${why}). Is it a rxforce process with http.ui enabled?`,
  );
}

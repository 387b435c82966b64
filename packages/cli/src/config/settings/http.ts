import { z } from 'zod';
import { flag, port, text } from './values.js';

const ui = z.strictObject({
  enabled: flag()
    .optional()
    .describe('Whether the live page is served at `/`. By default, it is where `host` is an address of this machine.'),
  token: z
    .string()
    .regex(/^.{16,}$/, 'must have 16 characters at least')
    .optional()
    .meta({ writeOnly: true })
    .describe('The password of the page: a browser opens `/login?token=…` once. Needed if `host` is another address.'),
  actions: flag()
    .default(false)
    .describe('Whether the page may redrive and discard letters, set positions, and drain the process.'),
  values: flag().default(false).describe("Whether the page shows the values of records. They are people's data."),
});

/** `http`: probes, metrics and the live page. */
export const httpSettings = z.strictObject({
  port: port(0).default(8080).describe('The port of the probes, the metrics and the page; 0 takes a free one.'),
  host: text().default('127.0.0.1').describe('The address to listen on: `0.0.0.0` in a container.'),
  ui: ui.prefault({}).describe('The live page.'),
});

/** The settings of `http`. */
export type HttpSettings = z.output<typeof httpSettings>;

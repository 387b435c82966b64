/**
 * ESLint rules that find pipelines of rxforce which would lose events.
 *
 * @packageDocumentation
 */
import type { ESLint, Linter, Rule } from 'eslint';
import { createRequire } from 'node:module';
import { noEarlySettlement } from './rules/no-early-settlement.js';
import { noTake } from './rules/no-take.js';
import { requireStoreName } from './rules/require-store-name.js';

/** The rules, by the names that follow `@rxforce/`. */
export type RuleName = 'no-early-settlement' | 'no-take' | 'require-store-name';

/** The plugin, for a flat config. */
export interface RxforcePlugin extends ESLint.Plugin {
  /** The name and version that ESLint uses for the plugin. */
  readonly meta: { readonly name: string; readonly version: string };
  /** The rules; each finds one kind of mistake. */
  readonly rules: Record<RuleName, Rule.RuleModule>;
  /** The configs for `extends`. */
  readonly configs: {
    /** All rules: those that find losses are errors, `require-store-name` is a warning. They need types. */
    readonly recommended: Linter.Config;
  };
}

const { name, version } = createRequire(import.meta.url)('../package.json') as RxforcePlugin['meta'];

const configs: { recommended?: Linter.Config } = {};

/** Finds pipelines of rxforce that would lose events when the process dies. */
const plugin: RxforcePlugin = {
  meta: { name, version },
  // The types of typescript-eslint are narrower than those of ESLint.
  rules: {
    'no-early-settlement': noEarlySettlement,
    'no-take': noTake,
    'require-store-name': requireStoreName,
  } as unknown as RxforcePlugin['rules'],
  configs: configs as RxforcePlugin['configs'],
};

// A config refers to the plugin itself.
configs.recommended = {
  name: '@rxforce/recommended',
  plugins: { '@rxforce': plugin },
  rules: {
    '@rxforce/no-early-settlement': 'error',
    '@rxforce/no-take': 'error',
    '@rxforce/require-store-name': 'warn',
  },
};

export default plugin;

import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import {
  CompilerState,
  Extractor,
  ExtractorConfig,
  ExtractorLogLevel,
  ExtractorMessageCategory,
  type ExtractorMessage,
  type IExtractorMessagesConfig,
} from '@microsoft/api-extractor';
import { entriesOf, type Entry } from './entries.js';

/** What packages promise their users: a report for each entry, by its path from the root. */
export interface Reports {
  readonly texts: ReadonlyMap<string, string>;
  /** What is wrong with the declarations, such as a type that is used and not exported. */
  readonly problems: readonly string[];
}

/**
 * Reports the API of every entry of every package from the declarations that were built.
 *
 * @throws `Error` when the packages are not built.
 */
export function generateReports(root: string): Reports {
  const entries = entriesOf(root);
  const missing = entries.filter(({ declarations }) => !existsSync(declarations));
  if (missing.length > 0) {
    const names = missing.map(({ declarations }) => relative(root, declarations)).join(', ');
    throw new Error(`There is nothing to report on: ${names} is not there. Run: npm run build`);
  }
  const state = compiled(entries);
  const reports = entries.map((entry) => reportOf(entry, state));
  return {
    texts: new Map(reports.map(({ entry, text }) => [pathOf(root, entry), text])),
    problems: reports.flatMap((report) =>
      problemsOf(report, reports).map((problem) => `${pathOf(root, report.entry)}: ${problem}`),
    ),
  };
}

/** A type that another entry of the package exports is not forgotten. */
function problemsOf({ entry, forgotten, problems }: EntryReport, reports: readonly EntryReport[]): string[] {
  const exported = new Set(
    reports.filter((each) => each.entry.packageFolder === entry.packageFolder).flatMap(({ text }) => namesIn(text)),
  );
  const missing = forgotten.filter((name) => !exported.has(name));
  return [...missing.map((name) => `${name} is used, and no entry of the package exports it.`), ...problems];
}

/** What a report says is exported. */
function namesIn(report: string): string[] {
  const names = /^export (?:abstract )?(?:class|const|enum|function|interface|namespace|type|\{) ([\w$]+)/gm;
  return [...report.matchAll(names)].map(([, name = '']) => name);
}

/** The paths of reports that are missing, differ, or should not be there. */
export function staleReports({ texts }: Reports, root: string): string[] {
  const differing = [...texts].filter(([path, text]) => contentOf(join(root, path)) !== text).map(([path]) => path);
  return [...differing, ...strayReports(texts, root)].sort();
}

/** Writes the reports, and takes away those of entries that are no more. */
export function writeReports({ texts }: Reports, root: string): void {
  strayReports(texts, root).forEach((path) => rmSync(join(root, path)));
  for (const [path, text] of texts) {
    mkdirSync(join(root, path, '..'), { recursive: true });
    writeFileSync(join(root, path), text);
  }
}

const REPORT = '.api.md';

function pathOf(root: string, { packageFolder, name }: Entry): string {
  return relative(root, join(packageFolder, 'etc', `${name}${REPORT}`));
}

function strayReports(texts: Reports['texts'], root: string): string[] {
  const folders = readdirSync(join(root, 'packages')).map((name) => join('packages', name, 'etc'));
  const reports = folders.flatMap((folder) =>
    existsSync(join(root, folder)) ? readdirSync(join(root, folder)).map((name) => join(folder, name)) : [],
  );
  return reports.filter((path) => path.endsWith(REPORT) && !texts.has(path));
}

function contentOf(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}

interface EntryReport {
  readonly entry: Entry;
  readonly text: string;
  /** Names of types that are used and not exported here. */
  readonly forgotten: readonly string[];
  readonly problems: readonly string[];
}

/** One program for all entries, as most of its time goes into reading and binding what they have in common. */
function compiled([first, ...others]: readonly Entry[]): CompilerState | undefined {
  const additionalEntryPoints = others.map(({ declarations }) => declarations);
  return first && CompilerState.create(configOf(first, tmpdir()), { additionalEntryPoints });
}

/** The report is made in a folder of its own, so that nothing is touched before it is compared. */
function reportOf(entry: Entry, compilerState: CompilerState | undefined): EntryReport {
  const folder = mkdtempSync(join(tmpdir(), 'rxforce-api-'));
  const forgotten: string[] = [];
  const problems: string[] = [];
  try {
    Extractor.invoke(configOf(entry, folder), {
      localBuild: true,
      ...(compilerState && { compilerState }),
      messageCallback: (message) => {
        if (message.messageId === FORGOTTEN) forgotten.push(nameIn(message));
        else if (isProblem(message)) problems.push(message.text);
        message.handled = true;
      },
    });
    return { entry, text: readFileSync(join(folder, `${entry.name}${REPORT}`), 'utf8'), forgotten, problems };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const FORGOTTEN = 'ae-forgotten-export';

/** Of several that have one name, as it is in the report: `Method_2`. */
function nameIn({ text }: ExtractorMessage): string {
  return /"([^"]*)"/.exec(text)?.[1] ?? text;
}

/** What is said about the progress is not about the API. */
function isProblem({ category, logLevel }: ExtractorMessage): boolean {
  if (category === ExtractorMessageCategory.Console) return false;
  return logLevel === ExtractorLogLevel.Error || logLevel === ExtractorLogLevel.Warning;
}

const told = { logLevel: ExtractorLogLevel.Warning };
const ignored = { logLevel: ExtractorLogLevel.None };

/** A report shows declarations. What their comments are like is for the linter to say. */
const MESSAGES: IExtractorMessagesConfig = {
  compilerMessageReporting: { default: told },
  extractorMessageReporting: {
    default: told,
    // Nothing is beta here, and everything that is exported is public.
    'ae-missing-release-tag': ignored,
    // Links across packages and to types of RxJS are not followed.
    'ae-unresolved-link': ignored,
    'ae-unresolved-inheritdoc-reference': ignored,
    'ae-undocumented': ignored,
    // Of packages that are built on, not of ours: some have their types in files of other endings.
    'ae-wrong-input-file-type': ignored,
  },
  tsdocMessageReporting: { default: ignored },
};

function configOf({ packageFolder, name, declarations }: Entry, folder: string): ExtractorConfig {
  return ExtractorConfig.prepare({
    configObject: {
      projectFolder: packageFolder,
      mainEntryPointFilePath: declarations,
      newlineKind: 'lf',
      compiler: { overrideTsconfig: { compilerOptions: COMPILER_OPTIONS, files: [declarations] }, skipLibCheck: true },
      apiReport: {
        enabled: true,
        reportFileName: `${name}${REPORT}`,
        reportFolder: folder,
        reportTempFolder: join(folder, 'temp'),
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      messages: MESSAGES,
    },
    configObjectFullPath: undefined,
    packageJsonFullPath: join(packageFolder, 'package.json'),
  });
}

/** As the users of a package compile: packages are found by what they publish. */
const COMPILER_OPTIONS = {
  target: 'ES2022',
  lib: ['ES2023'],
  module: 'NodeNext',
  moduleResolution: 'NodeNext',
  types: ['node'],
  strict: true,
  exactOptionalPropertyTypes: true,
  skipLibCheck: true,
};

import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, type Document, type Node, type Pair } from 'yaml';
import { setField } from '@rxforce/core/model';
import { interpolate, isReference, type Environment } from './interpolate.js';
import { Places, settingOf, type Problem, type SettingPath } from './place.js';
import { isHarmless, yamlSentence } from './yaml-sentences.js';

/** What a YAML text says. */
export interface YamlValues {
  readonly value: unknown;
  readonly places: Places;
  readonly problems: readonly Problem[];
  /** Whether it is no valid YAML in such a way that nothing can be said of its settings. */
  readonly isBroken: boolean;
  /** What `${file:…}` gave. */
  readonly secrets: readonly string[];
}

/** Most values of a file: aliases of aliases could stand for billions. */
const MOST_VALUES = 50_000;

/** Most lists and maps inside of each other. */
const DEEPEST = 100;

/**
 * Reads a YAML text, and puts variables into its texts after it was parsed. So no value of a variable can change what
 * the file means.
 *
 * @param file - The name of the file, for messages.
 */
export function readYaml(text: string, file: string, environment: Environment): YamlValues {
  const lines = new LineCounter();
  const document = parseDocument(flowSafe(text), { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  const reader = new YamlReader(document, file, lines, environment);
  for (const { pos, code } of [...document.errors, ...document.warnings]) {
    reader.problems.push({ setting: '', at: reader.at(pos[0]), message: yamlSentence(code) });
  }
  const { places, problems, secrets } = reader;
  const isBroken = document.errors.some(({ code }) => !isHarmless(code));
  // What has its settings all the same is still looked at, so that all that is wrong is reported.
  const value = isBroken ? null : reader.read(document.contents, []);
  return { value, places, problems, isBroken, secrets };
}

class YamlReader {
  readonly places: Places;
  readonly problems: Problem[] = [];
  readonly secrets: string[] = [];
  private count = 0;
  /** The lists and maps around what is read. */
  private readonly around = new Set<Node>();

  constructor(
    private readonly document: Document,
    private readonly file: string,
    private readonly lines: LineCounter,
    private readonly environment: Environment,
  ) {
    this.places = new Places(`${file}:1:1`);
  }

  at(offset: number | undefined): string {
    const { line, col } = this.lines.linePos(offset ?? 0);
    return `${this.file}:${Math.max(line, 1)}:${Math.max(col, 1)}`;
  }

  read(node: unknown, path: SettingPath): unknown {
    this.count += 1;
    if (this.count === MOST_VALUES) this.complain(node as Node, path, `has more than ${MOST_VALUES} values in it.`);
    if (this.count >= MOST_VALUES) return null;
    if (isAlias(node)) return this.read(node.resolve(this.document), path);
    if (isMap(node)) return this.inside(node, path, () => this.map(node.items, path));
    if (isSeq(node)) {
      return this.inside(node, path, () => node.items.map((item, index) => this.item(item as Node, [...path, index])));
    }
    if (!isScalar(node)) return null;
    return typeof node.value === 'string' ? this.text(withBraces(node.value), node, path) : node.value;
  }

  /** Reads what is in a list or a map, unless that is itself, by an alias, or lies too deep. */
  private inside(node: Node, path: SettingPath, read: () => unknown): unknown {
    if (this.around.has(node) || this.around.size === DEEPEST) {
      this.complain(node, path, this.around.has(node) ? 'has itself in it.' : 'lies too deep.');
      return null;
    }
    this.around.add(node);
    const value = read();
    this.around.delete(node);
    return value;
  }

  private map(pairs: readonly Pair[], path: SettingPath): Record<string, unknown> {
    const values: Record<string, unknown> = {};
    for (const { key, value } of pairs) {
      if (!isScalar(key)) {
        this.complain(key as Node, path, 'has a name that is no text.');
        continue;
      }
      const name = withBraces(String(key.value));
      const to = [...path, name];
      this.places.set(to, this.at(key.range?.[0]), this.at((value as Node | null)?.range?.[0] ?? key.range?.[0]));
      setField(values, name, this.read(value, to));
    }
    return values;
  }

  private item(node: Node, path: SettingPath): unknown {
    this.places.set(path, this.at(node.range?.[0]));
    return this.read(node, path);
  }

  private text(text: string, node: Node & { readonly type?: unknown }, path: SettingPath): unknown {
    if (!text.includes('$')) return text;
    const filled = interpolate(text, this.environment);
    filled.problems.forEach((problem) => this.complain(node, path, problem));
    this.secrets.push(...filled.secrets);
    // Where any value can stand, a variable that looks like a number is one, unless it is in quotes.
    return isFree(path) && node.type === 'PLAIN' && isReference(text) ? typed(filled.text) : filled.text;
  }

  private complain(node: Node | null, path: SettingPath, message: string): void {
    this.problems.push({ setting: settingOf(path), at: this.at(node?.range?.[0]), message });
  }
}

/** What stands for the braces of a reference while the text is parsed: characters that mean nothing to YAML. */
const OPEN = '\uE000';
const CLOSE = '\uE001';

/**
 * Makes `{ url: ${URL} }` valid YAML, where the braces of the reference would end the value. Each place stays the same.
 */
function flowSafe(text: string): string {
  return text.includes(OPEN) || text.includes(CLOSE) ? text : text.replace(/\$\{([^{}\n]*)\}/g, `$$${OPEN}$1${CLOSE}`);
}

function withBraces(text: string): string {
  return text.replaceAll(`$${OPEN}`, '${').replaceAll(CLOSE, '}');
}

/** Settings that take any value: what fields are compared with, and what a module gets. */
function isFree(path: SettingPath): boolean {
  return (path[0] === 'topics' && path[2] === 'where') || (path[0] === 'sinks' && path[2] === 'options');
}

function typed(text: string): unknown {
  if (text === 'true' || text === 'false') return text === 'true';
  return /^-?(0|[1-9]\d*)(\.\d+)?$/.test(text) ? Number(text) : text;
}

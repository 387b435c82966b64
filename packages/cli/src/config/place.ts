/** The way to a setting: names and, in lists, numbers from 0. */
export type SettingPath = readonly (string | number)[];

/** A setting, and where it is. */
export interface SettingPlace {
  /** The setting, such as `topics[1].sink`; an empty text for the whole file. */
  readonly setting: string;
  /** Where it is: `conf/config.yaml:3:5`, with the file as it was named, or `the variable NAME`. */
  readonly at: string;
}

/** Something that is wrong with a configuration. */
export interface Problem extends SettingPlace {
  /** What is wrong, and what to do. */
  readonly message: string;
}

/** A path as text: `topics[1].sink`. */
export function settingOf(path: SettingPath): string {
  return path.map((part, index) => (typeof part === 'number' ? `[${part}]` : index === 0 ? part : `.${part}`)).join('');
}

/** A key for maps by path. */
export function keyOf(path: SettingPath): string {
  return JSON.stringify(path.map(String));
}

/** How the place of what a variable says begins. */
const VARIABLE = 'the variable ';

/** A problem as one line of text. */
export function lineOf({ at, setting, message }: Problem): string {
  return `${at}${setting === '' || at.startsWith(VARIABLE) ? ':' : ` ${setting}:`} ${message}`;
}

/** Where each setting comes from. A setting that is nowhere has the place of what is around it. */
export class Places {
  private readonly keys = new Map<string, string>();
  private readonly values = new Map<string, string>();
  private readonly overridden = new Set<string>();

  /** @param whole - The place of the whole, such as the name of the file. */
  constructor(private readonly whole: string) {}

  /** Notes where a setting is. */
  set(path: SettingPath, key: string, value = key): void {
    this.keys.set(keyOf(path), key);
    this.values.set(keyOf(path), value);
  }

  /** Notes that a variable takes the place of what the file says. */
  override(path: SettingPath, variable: string): void {
    this.set(path, `${VARIABLE}${variable}`);
    this.overridden.add(settingOf(path));
  }

  /** Whether a problem is of a value that a variable has taken the place of. */
  isOver({ setting, at }: Problem): boolean {
    return this.overridden.has(setting) && !at.startsWith(VARIABLE);
  }

  /** Where the name of a setting is. */
  ofKey(path: SettingPath): string {
    return this.keys.get(keyOf(path)) ?? (path.length === 0 ? this.whole : this.ofKey(path.slice(0, -1)));
  }

  /** Where the value of a setting is. */
  ofValue(path: SettingPath): string {
    return this.values.get(keyOf(path)) ?? (path.length === 0 ? this.whole : this.ofKey(path.slice(0, -1)));
  }
}

/** Problems in the order of their places; those of variables come last. */
export function inOrder(problems: readonly Problem[]): readonly Problem[] {
  const orderOf = ({ at }: Problem) => {
    const [, line = Infinity, column = 0] = /:(\d+):(\d+)$/.exec(at) ?? [];
    return [Number(line), Number(column)] as const;
  };
  const compare = (a: Problem, b: Problem) => {
    const [[lineA, columnA], [lineB, columnB]] = [orderOf(a), orderOf(b)];
    return lineA === lineB ? columnA - columnB : lineA < lineB ? -1 : 1;
  };
  return [...problems].sort(compare);
}

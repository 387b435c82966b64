/** A doc comment, taken apart. All texts are Markdown. */
export interface DocComment {
  /** The first sentence. */
  readonly summary: string;
  /** What comes before the first diagram, or all there is without one. */
  readonly intro: string;
  /** The first diagram, as it stands in the comment. */
  readonly diagram: string | undefined;
  /** What comes behind the diagram and is not said about one of the moments in `behaviour`. */
  readonly details: string;
  /** The list of what happens on completion, on an error, to deliveries and so on. */
  readonly behaviour: string;
  readonly params: ReadonlyMap<string, string>;
  readonly throws: readonly string[];
  readonly returns: string | undefined;
  readonly examples: readonly string[];
  readonly defaultValue: string | undefined;
}

interface Tag {
  readonly name: string;
  readonly text: string;
}

/** How an item of `behaviour` begins: `- Complete: …`, `- Complete, error, unsubscribe: …`. */
const MOMENTS = /^- [A-Z][a-z]*(, [a-z]+)*: /;

/**
 * Takes a doc comment apart.
 *
 * @param comment - With its stars and slashes; empty for what has no comment.
 */
export function parseDocComment(comment: string): DocComment {
  const [description, tags] = splitTags(textOf(comment));
  const paragraphs = splitParagraphs(description);
  const diagramAt = paragraphs.findIndex((paragraph) => paragraph.startsWith('```marble'));
  const intro = diagramAt === -1 ? paragraphs.filter((each) => !MOMENTS.test(each)) : paragraphs.slice(0, diagramAt);
  const rest = diagramAt === -1 ? [] : paragraphs.slice(diagramAt + 1);
  const textsOf = (name: string) => tags.filter((tag) => tag.name === name).map(({ text }) => text);
  return {
    summary: firstSentence(intro[0] ?? ''),
    intro: intro.join('\n\n'),
    diagram: paragraphs[diagramAt]?.replace(/^```marble\n|\n```$/g, ''),
    details: [...rest.filter((paragraph) => !MOMENTS.test(paragraph)), ...textsOf('remarks')].join('\n\n'),
    behaviour: paragraphs.filter((paragraph) => MOMENTS.test(paragraph)).join('\n'),
    params: new Map(textsOf('param').map(nameAndText)),
    throws: textsOf('throws'),
    returns: textsOf('returns')[0],
    examples: textsOf('example'),
    defaultValue: textsOf('defaultValue')[0],
  };
}

/** The lines between the stars. Links to names become the names. */
function textOf(comment: string): string {
  return comment
    .replace(/^\/\*\*|\*\/$/g, '')
    .split('\n')
    .map((line) => line.replace(/^\s*\* ?/, '').trimEnd())
    .join('\n')
    .replace(
      /\{@link ([^}|]+)(?:\|([^}]*))?\}/g,
      (_link, target: string, text?: string) => text?.trim() ?? `\`${target.trim()}\``,
    )
    .trim();
}

/** The description, and the tags behind it. An at sign inside a block of code begins no tag. */
function splitTags(text: string): [string, Tag[]] {
  const [description = [], ...tagged] = splitLines(text, (line) => /^@\w/.test(line));
  const tags = tagged.map((lines) => {
    const [, name = '', first = ''] = /^@(\w+)\s*(.*)$/.exec(lines[0] ?? '') ?? [];
    return { name, text: [first, ...lines.slice(1)].join('\n').trim() };
  });
  return [description.join('\n').trim(), tags];
}

/** Paragraphs, lists and blocks of code, each without the empty lines around it. */
function splitParagraphs(text: string): string[] {
  return splitLines(text, (line) => line === '' || line.startsWith('```'))
    .flatMap((lines) => lines.join('\n').trim() || [])
    .filter((paragraph) => paragraph !== '```');
}

/**
 * Cuts before each line that `begins` is true of, but for those inside a block of code. The first part may be empty.
 */
function splitLines(text: string, begins: (line: string) => boolean): string[][] {
  const parts: string[][] = [[]];
  let inCode = false;
  for (const line of text.split('\n')) {
    if (!inCode && begins(line)) parts.push([]);
    parts.at(-1)?.push(line);
    if (line.startsWith('```')) inCode = !inCode;
  }
  return parts;
}

function firstSentence(paragraph: string): string {
  const line = paragraph.replaceAll('\n', ' ');
  return /^.*?[.!?](?= [A-Z`]|$)/.exec(line)?.[0] ?? line;
}

function nameAndText(param: string): [string, string] {
  const [, name = '', text = ''] = /^(\S+)\s+(?:- )?([\s\S]*)$/.exec(param) ?? [];
  return [name, text];
}

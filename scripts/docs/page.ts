import { relative } from 'node:path';
import type { Exported, Member } from './exports.js';
import { parseDiagram, type Diagram } from './marble.js';

/** What pages know of each other. */
export interface Site {
  /** The folder that the pages are written to. */
  readonly folder: string;
  /** The page that tells about each export, as a file name. */
  readonly pages: ReadonlyMap<string, string>;
}

/** The first line of each page. */
export const NOTICE = '<!-- Written by `npm run docs` from the doc comments in the sources: change those. -->';

/**
 * Writes the page of an operator, or of another function.
 *
 * @param types - The types that are told about on its page.
 */
export function operatorPage(exported: Exported, types: readonly Exported[], site: Site): string {
  const { name, entry, file, doc, signature } = exported;
  const [lead = '', ...intro] = doc.intro.split('\n\n');
  const source = relative(site.folder, file);
  return join([
    NOTICE,
    `# ${name}`,
    lead,
    doc.diagram === undefined ? '' : pictureOf(name, parseDiagram(doc.diagram)),
    ...intro,
    doc.details,
    code(`import { ${name} } from '${entry}';\n\n${signature}`),
    section('Behaviour', bold(doc.behaviour)),
    section('Parameters', parametersOf(exported, site)),
    section('Returns', doc.returns),
    section('Members', membersTable(exported)),
    ...types.map((type) => typeSection(type, site)),
    section('Errors', list(doc.throws)),
    ...doc.examples.map((example) => section('Example', example)),
    `[Source](${source}) · [All operators](README.md)`,
  ]);
}

/** Writes the page of the types that are on no operator's page. */
export function typesPage(types: readonly Exported[], site: Site): string {
  return join([
    NOTICE,
    '# Types',
    'Types that several operators share. Others are on the pages of their operators.',
    ...types.map((type) => typeSection(type, site)),
    '[All operators](README.md)',
  ]);
}

/** The picture of a diagram and, beneath it, what its values are. */
export function pictureOf(name: string, diagram: Diagram, target?: string): string {
  const file = `${kebab(name)}.svg`;
  const words = diagram.rows.map((row) => (row.type === 'stream' ? `${row.title} ${row.marbles}` : row.call));
  const image = `![${escaped(words.join(', '))}](${file})`;
  const legend = diagram.legend.map((entry) => (/^\w+ = /.test(entry) ? `\`${entry}\`` : entry));
  const notes = [...legend, ...(diagram.isShortened ? ['Long silences are drawn shorter.'] : [])];
  return join([target === undefined ? image : `[${image}](${target})`, notes.join(' · ')]);
}

/** `batchBy` is `batch-by`. */
export function kebab(name: string): string {
  return name.replace(/([a-z0-9])([A-Z])/g, '$1-$2').toLowerCase();
}

/** A block of TypeScript that is not compiled by itself, as it uses names that it does not import. */
export function code(text: string): string {
  return `\`\`\`typescript\n${text}\n\`\`\``;
}

export function join(parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join('\n\n');
}

function section(title: string, text: string | undefined): string {
  return text === undefined || text === '' ? '' : `## ${title}\n\n${text}`;
}

function list(items: readonly string[]): string {
  return items.map((item) => `- ${oneLine(item)}`).join('\n');
}

function bold(behaviour: string): string {
  return behaviour.replace(/^- ([^:\n]+):/gm, '- **$1:**');
}

function parametersOf({ params, doc }: Exported, site: Site): string {
  const rows = params.map(({ name, type }) => {
    const said = doc.params.get(name);
    const [, named = ''] = /^(?:readonly )?(\w+)/.exec(type) ?? [];
    const link = site.pages.has(named) ? linkTo(named, site) : '';
    return [`\`${name}\``, said ?? (link === '' ? `\`${type}\`` : `See ${link}.`)];
  });
  return table(['parameter', 'meaning'], rows);
}

function typeSection(type: Exported, site: Site): string {
  const { name, doc, signature, members, bases } = type;
  const known = bases.map((base) => (site.pages.has(base) ? linkTo(base, site) : `\`${base}\``));
  return section(
    name,
    join([
      doc.intro,
      signature.startsWith('type ') ? code(signature) : signature === name ? '' : `\`${signature}\``,
      bases.length === 0 ? '' : `Has all that ${known.join(' and ')} has${members.length === 0 ? '.' : ', and:'}`,
      membersTable(type),
      doc.details,
    ]),
  );
}

function linkTo(name: string, { pages }: Site): string {
  return `[\`${name}\`](${pages.get(name) ?? ''}#${name.toLowerCase()})`;
}

/** Options have defaults; what an operator makes has none. */
function membersTable({ name, members }: Exported): string {
  if (name.endsWith('Options') || members.some(({ doc }) => doc.defaultValue !== undefined)) {
    return table(
      ['option', 'type', 'default', 'effect'],
      members.map((member) => [`\`${member.name}\``, typeOf(member), defaultOf(member), aboutMember(member)]),
    );
  }
  return table(
    ['field', 'type', 'meaning'],
    members.map((member) => [`\`${member.name}${member.isOptional ? '?' : ''}\``, typeOf(member), aboutMember(member)]),
  );
}

function typeOf({ type }: Member): string {
  return type === '' ? '' : `\`${oneLine(type).replace(/\( /g, '(').replace(/,? \)/g, ')')}\``;
}

function defaultOf({ isOptional, doc }: Member): string {
  return doc.defaultValue ?? (isOptional ? 'none' : 'required');
}

function aboutMember({ doc }: Member): string {
  return join([doc.intro, doc.details]);
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return '';
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => oneLine(cell).replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}

/** What is inside the brackets of an image must not end or begin others. */
function escaped(text: string): string {
  return text.replace(/[[\]\\*_<]/g, '\\$&');
}

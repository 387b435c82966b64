import { join, relative } from 'node:path';
import type { MarkdownRenderer } from 'vitepress';
import { parseDiagram } from '../../scripts/docs/marble.js';
import { drawDiagram } from '../../scripts/docs/picture.js';
import { ROOT, targetOf } from './pages.js';

type Token = ReturnType<MarkdownRenderer['parse']>[number];

/** What VitePress says about the page that is rendered. */
interface Environment {
  readonly path?: string;
  /** The file itself, where the page has another place in the site. */
  readonly realPath?: string;
  /** Links that are looked up when the page is built. */
  links?: string[];
}

/** Where the sources can be read, such as `https://example.com/owner/name/blob/main`. */
const SOURCES = process.env.SITE_SOURCES?.replace(/\/$/, '');

/** Reads pages as they are in the project: links between files lead to pages, diagrams become pictures. */
export function asInTheProject(md: MarkdownRenderer): void {
  md.core.ruler.push('links-of-the-project', ({ tokens, env }) => {
    const { realPath, path = '' } = env as Environment;
    const file = relative(ROOT, realPath ?? path);
    for (const { children } of tokens) {
      if (!children) continue;
      leadOn(children, file, env as Environment);
      tick(children);
    }
  });
  const fence = md.renderer.rules.fence;
  md.renderer.rules.fence = (tokens, index, ...rest) => {
    const token = tokens[index];
    if (token?.info.trim() === 'marble') return picture(md, token.content);
    if (token?.info.trim() === 'mermaid') return transitions(md, token.content);
    return fence?.(tokens, index, ...rest) ?? '';
  };
  const image = md.renderer.rules.image;
  md.renderer.rules.image = (tokens, index, ...rest) => {
    const rendered = image?.(tokens, index, ...rest) ?? '';
    return isDiagram(tokens[index]) ? framed(rendered, tokens[index - 1]?.type === 'link_open') : rendered;
  };
}

/** A checklist has boxes. */
function tick([first]: Token[]): void {
  if (first?.type === 'text') first.content = first.content.replace(/^\[ \] /, '☐ ').replace(/^\[x\] /, '☑ ');
}

function leadOn(tokens: Token[], file: string, env: Environment): void {
  for (const [index, token] of tokens.entries()) {
    if (token.type !== 'link_open') continue;
    const href = token.attrGet('href') ?? '';
    const target = targetOf(file, href);
    if (target.type === 'page') token.attrSet('href', target.href);
    else if (target.type === 'dead') (env.links ??= []).push(href);
    else if (target.type === 'source') leadToSource(tokens, index, target.path);
  }
}

/** Without a place where the sources can be read, the path is told instead. */
function leadToSource(tokens: Token[], index: number, path: string): void {
  const open = tokens[index];
  const close = tokens.slice(index).find(({ type }) => type === 'link_close');
  if (open === undefined || close === undefined) return;
  if (SOURCES !== undefined) {
    open.attrSet('href', `${SOURCES}/${path}`);
    return;
  }
  open.tag = close.tag = 'span';
  open.attrs = [['title', path]];
  open.type = 'text_open';
  close.type = 'text_close';
}

function isDiagram(token: Token | undefined): boolean {
  return token?.attrGet('src')?.endsWith('.svg') ?? false;
}

/** The diagram of a doc comment, as a picture that is read out as its lines. */
function picture(md: MarkdownRenderer, text: string): string {
  const lines = text.trimEnd().split('\n');
  const source = `data:image/svg+xml;base64,${Buffer.from(drawDiagram(parseDiagram(text))).toString('base64')}`;
  const read = lines.map((line) => line.trim().replace(/\s+/g, ' ')).join(', ');
  const legend = parseDiagram(text).legend.map((entry) => {
    const shown = md.utils.escapeHtml(entry);
    return /^\w+ = /.test(entry) ? `<code v-pre>${shown}</code>` : `<span v-pre>${shown}</span>`;
  });
  const alt = md.utils.escapeHtml(read);
  return `<p>${framed(`<img src="${source}" alt="${alt}">`, false)}</p>\n<p>${legend.join(' · ')}</p>\n`;
}

/** A diagram of states, as the table of what leads from one to another: it is as much, and can be read out. */
function transitions(md: MarkdownRenderer, text: string): string {
  const arrows = [...text.matchAll(/^\s*(\S+) --> (\S+)(?:: (.*))?$/gm)];
  const name = (state = '', end: string) => (state === '[*]' ? end : `\`${state}\``);
  const rows = arrows.map(([, from, to, why = '']) => `| ${name(from, 'start')} | ${name(to, 'end')} | ${why} |`);
  return md.render(['| from | to | when |', '| --- | --- | --- |', ...rows].join('\n'));
}

/** Wide pictures scroll, also by the keyboard; inside a link, that can be reached anyway. */
function framed(image: string, isLinked: boolean): string {
  const reach = isLinked ? '' : ' role="group" aria-label="Diagram" tabindex="0"';
  return `<span class="diagram"${reach}>${image}</span>`;
}

/** Where a page is in the project. */
export function fileOf(filePath: string): string {
  return join(ROOT, filePath);
}

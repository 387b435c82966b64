import type { Exported } from './exports.js';
import { GROUPS, type Group } from './groups.js';
import { parseDiagram } from './marble.js';
import { code, join, kebab, NOTICE, pictureOf, type Site } from './page.js';

const INTRODUCTION = `They work on any Observable. On the streams of a rxforce client they also see to it that an event counts as done only
when the work on it is: [Delivery](../concepts/delivery.md) says how. How to test a pipeline made of them is in
[Testing pipelines](../guides/testing-pipelines.md).

Time goes from left to right in the pictures. The line _settled_ shows when each event of the source counts as done. What
is not settled yet comes again after a crash. Tests run the pictures as they are drawn.`;

/** Writes the index: every function by its purpose, with its picture, and every type. */
export function indexPage(exported: readonly Exported[], site: Site): string {
  const functions = exported.filter(({ isType }) => !isType);
  const types = exported.filter(({ isType }) => isType);
  const groups = [...GROUPS, ...groupsOfTheRest(functions)];
  return join([
    NOTICE,
    '# Operators',
    INTRODUCTION,
    ...groups.map((group) => chapter(group, functions)),
    types.length === 0 ? '' : `## Types\n\n${types.map(({ name }) => typeLink(name, site)).join(' · ')}`,
  ]);
}

/** What no group names: by the entry that it is imported from. */
function groupsOfTheRest(functions: readonly Exported[]): Group[] {
  const named = GROUPS.flatMap(({ names }) => names);
  const rest = functions.filter(({ name }) => !named.includes(name));
  return [...new Set(rest.map(({ entry }) => entry))].map((entry, index) => ({
    title: index === 0 ? 'More' : `More from ${entry}`,
    text: `From \`${entry}\`.`,
    names: rest.filter((each) => each.entry === entry).map(({ name }) => name),
  }));
}

function chapter({ title, text, names }: Group, functions: readonly Exported[]): string {
  const members = names.flatMap((name) => functions.find((each) => each.name === name) ?? []);
  return members.length === 0 ? '' : join([`## ${title}`, text, ...members.map(entryOf)]);
}

function entryOf({ name, doc, signature }: Exported): string {
  const page = `${kebab(name)}.md`;
  const shown = doc.diagram === undefined ? code(signature) : pictureOf(name, parseDiagram(doc.diagram), page);
  return join([`### [${name}](${page})`, doc.summary, shown]);
}

function typeLink(name: string, { pages }: Site): string {
  return `[\`${name}\`](${pages.get(name) ?? ''}#${name.toLowerCase()})`;
}

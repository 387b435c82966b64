import { settingOf, type Places, type Problem } from './place.js';
import type { Configuration } from './settings/settings.js';

/** Hints on sinks that nothing goes to, and on topics that may not go where they are meant to. */
export function adviceOnSinks({ topics, sinks }: Configuration, places: Places): readonly Problem[] {
  const names = Object.keys(sinks);
  const unsaid = [...topics.entries()].filter(([, { sink, pipeline }]) => sink === undefined && pipeline === undefined);
  const [only] = names;
  // The only sink is that of topics that name none.
  if (names.length < 2 && unsaid.length > 0) {
    return only === undefined ? [] : sharedBy(only, { topics, unsaid, places });
  }
  const unused = names.filter((name) => topics.every(({ sink }) => sink !== name));
  return [
    ...(names.length === 0 ? [] : unsaid).map(([index]) =>
      hint(index, `goes to standard output, as there are several sinks: give sink: ${names.join(' or ')}.`, places),
    ),
    ...unused.map((name) => ({
      ...{ setting: settingOf(['sinks', name]), at: places.ofKey(['sinks', name]) },
      message: `no topic goes to it: give a topic sink: ${name}, or leave it out.`,
    })),
  ];
}

type Topics = Configuration['topics'];

interface Shared {
  readonly topics: Topics;
  /** The topics that name no sink, and where they are in the list. */
  readonly unsaid: readonly (readonly [number, Topics[number]])[];
  readonly places: Places;
}

/** Topics of one org that go to a sink of another one without a word. */
function sharedBy(sink: string, { topics, unsaid, places }: Shared): readonly Problem[] {
  const goesThere = topics.filter((topic) => topic.sink === sink || (!topic.sink && topic.pipeline === undefined));
  return unsaid.flatMap(([index, { org }]) => {
    const other = goesThere.find((topic) => topic.org !== org)?.org;
    if (other === undefined) return [];
    const message = `goes to the sink ${sink}, as do events of the org ${other}: give sink: ${sink} if that is meant, or a sink of its own.`;
    return [hint(index, message, places)];
  });
}

function hint(index: number, message: string, places: Places): Problem {
  const path = ['topics', index];
  return { setting: settingOf(path), at: places.ofValue(path), message };
}

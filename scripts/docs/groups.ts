/** A chapter of the index. */
export interface Group {
  readonly title: string;
  readonly text: string;
  /** In the order of the index. */
  readonly names: readonly string[];
}

/** The operators by what they are for. What is in none of the groups comes last. */
export const GROUPS: readonly Group[] = [
  {
    title: 'Filter',
    text: 'Pass some values on and drop the others. What is dropped is settled.',
    names: [
      'byChangeType',
      'filterField',
      'filterChange',
      'field',
      'allOf',
      'anyOf',
      'not',
      'distinctEvents',
      'throttleByKey',
      'limit',
    ],
  },
  {
    title: 'Work',
    text: 'Call other systems. An event is settled when the work on it is done, and comes again when it is not.',
    names: ['handle', 'handleByType', 'latestByRecord', 'retryWithDLQ', 'publishOrPutAside'],
  },
  {
    title: 'Dead letters',
    text: 'Keep what could not be handled, and try it again later.',
    names: [
      'memoryDeadLetterQueue',
      'fileDeadLetterQueue',
      'putAside',
      'deadLetterOf',
      'redrive',
      'formatDeadLetter',
      'parseDeadLetter',
    ],
  },
  {
    title: 'Collect',
    text: 'Make several events into one value, or one into several.',
    names: ['batchBy', 'byTransaction', 'expandMerged'],
  },
  {
    title: 'Gaps and records',
    text: 'From changes to the records that they change, also where a change came without its values.',
    names: ['resolveGaps', 'toRecords', 'applyChange', 'applyTextDiff', 'mergeChanges'],
  },
  { title: 'Observe', text: 'See how a pipeline is doing.', names: ['meter'] },
];

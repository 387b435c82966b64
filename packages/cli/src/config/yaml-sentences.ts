import type { YAMLError } from 'yaml';

/**
 * What is wrong, and what to do. The messages of the library are not passed on: they have parts of the file in them,
 * such as a password that begins with `!`.
 */
const SENTENCES: Readonly<Record<YAMLError['code'], string>> = {
  ALIAS_PROPS: 'what begins with "*" can have no tag and no anchor',
  BAD_ALIAS: 'a value that begins with "*" or "&" stands for another one, and there is none. Put it between quotes',
  BAD_COLLECTION_TYPE: 'a tag, which begins with "!", does not fit its value. Leave it out',
  BAD_DIRECTIVE: 'a line that begins with "%" is none that YAML knows. Leave it out',
  BAD_DQ_ESCAPE: 'there is no such character after "\\" in double quotes. Use single quotes, or write "\\\\"',
  BAD_INDENT: 'a line is not indented as those around it are',
  BAD_PROP_ORDER: 'a tag or an anchor must stand after "-", "?" or ":"',
  BAD_SCALAR_START: 'a value begins with a character that YAML keeps for itself. Put it between quotes',
  BLOCK_AS_IMPLICIT_KEY: 'a list or a map cannot begin here. Put it on lines of its own, or the value between quotes',
  BLOCK_IN_FLOW: 'a list or a map in brackets must be in brackets itself',
  DUPLICATE_KEY: 'a name is there twice in one map. Remove one of them',
  IMPOSSIBLE: 'it cannot be read from here on',
  KEY_OVER_1024_CHARS: 'a name is longer than 1024 characters',
  MISSING_CHAR: 'a character is missing: a ":", a ",", a quote or a bracket',
  MULTILINE_IMPLICIT_KEY: 'a name must be on one line, with its ":"',
  MULTIPLE_ANCHORS: 'a value has several anchors, which begin with "&"',
  MULTIPLE_DOCS: 'it has several documents. Give each a file of its own',
  MULTIPLE_TAGS: 'a value has several tags, which begin with "!"',
  NON_STRING_KEY: 'a name must be a text',
  RESOURCE_EXHAUSTION: 'its lists and maps lie too deep',
  TAB_AS_INDENT: 'a line is indented by tabs. Use spaces',
  TAG_RESOLVE_FAILED: 'what begins with "!" is a tag, and there is none of this name. Put the value between quotes',
  UNEXPECTED_TOKEN: 'something stands where it cannot stand. A value with special characters must be between quotes',
};

/** Errors that leave the settings where they are. After any other one, a part of them may be missing. */
const HARMLESS: readonly YAMLError['code'][] = [
  ...(['BAD_ALIAS', 'BAD_DQ_ESCAPE', 'DUPLICATE_KEY', 'KEY_OVER_1024_CHARS', 'MULTIPLE_ANCHORS'] as const),
  ...(['MULTIPLE_TAGS', 'NON_STRING_KEY', 'TAG_RESOLVE_FAILED'] as const),
];

/** Whether a file with this error has all of its settings. */
export function isHarmless(code: YAMLError['code']): boolean {
  return HARMLESS.includes(code);
}

/** A sentence about an error of YAML, without anything from the file. */
export function yamlSentence(code: YAMLError['code']): string {
  return `it is no valid YAML: ${SENTENCES[code]}.`;
}

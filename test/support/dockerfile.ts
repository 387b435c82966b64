import { readFileSync } from 'node:fs';
import { DockerfileParser, type Instruction, type JSONInstruction } from 'dockerfile-ast';

/** A stage of a Dockerfile. */
export interface Stage {
  readonly name: string;
  readonly image: string;
  readonly instructions: readonly StageInstruction[];
}

/** An instruction of a stage. */
export interface StageInstruction {
  readonly keyword: string;
  /** Its arguments as texts, without flags. In the form of JSON: what is between the quotes. */
  readonly args: readonly string[];
  readonly flags: Readonly<Record<string, string>>;
  readonly isJson: boolean;
  /** All that is after the keyword. */
  readonly text: string;
}

/** Reads a Dockerfile. */
export function stagesOf(file: string): readonly Stage[] {
  const stages: { name: string; image: string; instructions: StageInstruction[] }[] = [];
  for (const instruction of DockerfileParser.parse(readFileSync(file, 'utf8')).getInstructions()) {
    const read = instructionOf(instruction);
    if (read.keyword === 'FROM') stages.push({ image: read.args[0] ?? '', name: read.args[2] ?? '', instructions: [] });
    else stages.at(-1)?.instructions.push(read);
  }
  return stages;
}

/** The instructions of a stage with a keyword. */
export function ofKeyword({ instructions }: Stage, keyword: string): readonly StageInstruction[] {
  return instructions.filter((each) => each.keyword === keyword);
}

function instructionOf(instruction: Instruction): StageInstruction {
  const { getFlags, getJSONStrings } = instruction as Partial<JSONInstruction>;
  const json = getJSONStrings?.call(instruction).map((each) => String(JSON.parse(each.getValue()))) ?? [];
  return {
    keyword: instruction.getKeyword(),
    args: json.length > 0 ? json : instruction.getArguments().map((argument) => argument.getValue()),
    flags: Object.fromEntries(
      (getFlags?.call(instruction) ?? []).map((flag) => [flag.getName(), flag.getValue() ?? '']),
    ),
    isJson: json.length > 0,
    text: instruction.getArgumentsContent() ?? '',
  };
}

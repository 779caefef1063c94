/** A place in a source file; lines and columns count from 1. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** Such as `scenarios/counter.scenario.ts:12:5`, which editors and terminals open. */
export function spellPlace({ file, line, column }: Place): string {
  return `${file}:${line}:${column}`;
}

import { createColors, terminalLine, type Colors } from './colors.js';

export type { Colors };

/** The destination of a report: a terminal, a file, a string. */
export interface Output {
  /** Prints each item as exactly one line, in which nothing but the colours below acts on a terminal. */
  print(lines: readonly string[]): void;
  readonly colors: Colors;
  /** The width of lines, in columns. */
  readonly widthColumns: number;
}

/** What is known about a stream that a report may be written to. */
export interface OutputStream {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
}

const narrowestTerminalColumns = 40;
const withoutTerminalColumns = 120;

/** Writes to a stream, in colour if it is a terminal and the environment allows it. */
export function streamOutput(stream: OutputStream, environment: NodeJS.ProcessEnv): Output {
  return {
    print: (lines) => void stream.write(terminalText(lines)),
    colors: createColors(wantsColors(stream, environment)),
    widthColumns:
      stream.isTTY === true && stream.columns !== undefined && stream.columns > 0
        ? Math.max(narrowestTerminalColumns, stream.columns)
        : withoutTerminalColumns,
  };
}

/** Collects what is written, without colours. */
export function textOutput(widthColumns = withoutTerminalColumns): Output & { text(): string } {
  const pieces: string[] = [];
  return {
    print: (lines) => void pieces.push(terminalText(lines)),
    colors: createColors(false),
    widthColumns,
    text: () => pieces.join(''),
  };
}

function terminalText(lines: readonly string[]): string {
  return lines.map((line) => `${terminalLine(line)}\n`).join('');
}

/** Follows NO_COLOR (https://no-color.org) and FORCE_COLOR (https://force-color.org). */
function wantsColors(stream: OutputStream, environment: NodeJS.ProcessEnv): boolean {
  if (isSet(environment['NO_COLOR'])) return false;
  if (isSet(environment['FORCE_COLOR'])) return environment['FORCE_COLOR'] !== '0';
  return stream.isTTY === true && environment['TERM'] !== 'dumb';
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== '';
}

/**
 * Characters that output never shows unescaped: control characters, line breaks, invisible characters, those that change
 * the direction of writing, and lone surrogates. Joiners, selectors and tags are allowed, because ordinary scripts and
 * emoji need them.
 */
const unprintable = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\p{Bidi_Control}\u200b\u2060-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff]/gu;

/**
 * `##[error]` is a workflow command anywhere in a line, and so is `##vso[...]` of Azure Pipelines. A runner may ignore
 * invisible characters in between, so they are matched too.
 */
const bracketCommand = /#(?=\p{Default_Ignorable_Code_Point}*#[\p{Default_Ignorable_Code_Point}\w]*\[)/gu;

/** `::error::` is a command only at the beginning of a line, after anything that may count as blank. */
const colonCommand = /^([\s\p{Default_Ignorable_Code_Point}]*):(?=\p{Default_Ignorable_Code_Point}*:)/u;

/** Text that may count as blank: a command after it is still at the beginning of its line. */
const blank = /^[\s\p{Default_Ignorable_Code_Point}]*$/u;

/** A character as a JavaScript escape. */
function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/**
 * Makes text visible: characters that would act on a display appear as escapes, such as `\u001b`, and so do line
 * breaks.
 */
export function visible(text: string): string {
  return text.replace(unprintable, escaped).replace(bracketCommand, escaped);
}

/** The same for text of several lines. Tabs and plain line breaks (`\n`) are kept. */
export function visibleLines(text: string): string {
  return text.replace(unprintable, (character) => (/[\n\t]/.test(character) ? character : escaped(character)));
}

/** Makes any text one line of output that does not act on a terminal, adds no line and is no workflow command. */
export function plainLine(text: string): string {
  return visible(text).replace(colonCommand, (_, blanks: string) => blanks + escaped(':'));
}

/** The same for a line in pieces, between which invisible characters will be inserted. */
export function plainPieces(pieces: readonly string[]): string[] {
  let isBegun = false;
  return pieces.map((piece) => {
    const plain = isBegun ? visible(piece) : plainLine(piece);
    isBegun ||= !blank.test(plain);
    return plain;
  });
}

/** The same value with every text and every name in it made visible, for data that other programs display. */
export function visibleValue<Value>(value: Value): Value {
  return visibleIn(value) as Value;
}

function visibleIn(value: unknown): unknown {
  if (typeof value === 'string') return visibleLines(value);
  if (Array.isArray(value)) return value.map(visibleIn);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, nested]) => [visibleLines(name), visibleIn(nested)]));
}

/**
 * Indented JSON that is safe to print anywhere. The value is the same, but text that acts on a terminal or is a workflow
 * command is written with JSON escapes.
 */
export function printableJson(value: unknown): string {
  const text = JSON.stringify(value, null, 2);
  return text
    .replace(unprintable, (character) => (character === '\n' ? character : escaped(character)))
    .replace(bracketCommand, escaped);
}

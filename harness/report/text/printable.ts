/**
 * What no output shows as it is: controls, ends of lines, whatever turns the direction of writing round or is there
 * without being seen, halves of characters, and what no encoding but JavaScript's can hold. Joiners, selectors and tags
 * are not among them: they are part of ordinary scripts and pictures.
 */
const unprintable = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\p{Bidi_Control}\u200b\u2060-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff]/gu;

/**
 * `##[error]` is a workflow command wherever in a line it stands, and so is `##vso[...]` of Azure Pipelines. Whether what
 * nobody sees may stand in between depends on how the runner compares; so it may not.
 */
const bracketCommand = /#(?=\p{Default_Ignorable_Code_Point}*#[\p{Default_Ignorable_Code_Point}\w]*\[)/gu;

/** `::error::` is one at the beginning of a line only, after anything that may pass for blank. */
const colonCommand = /^([\s\p{Default_Ignorable_Code_Point}]*):(?=\p{Default_Ignorable_Code_Point}*:)/u;

/** Nothing but what may pass for blank: a command that follows it still is at the beginning of its line. */
const blank = /^[\s\p{Default_Ignorable_Code_Point}]*$/u;

/** A character as one would write it in a string of JavaScript. */
function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/**
 * Shows text for what it is: characters that would act on whatever displays them appear as their escapes, such as
 * `\u001b`, and so do ends of lines.
 */
export function visible(text: string): string {
  return text.replace(unprintable, escaped).replace(bracketCommand, escaped);
}

/** The same for text of several lines: tabs and plain ends of lines (`\n`) are left as they are. */
export function visibleLines(text: string): string {
  return text.replace(unprintable, (character) => (/[\n\t]/.test(character) ? character : escaped(character)));
}

/** Makes a text one line of output: whatever it holds, it acts on no terminal, adds no line and is no workflow command. */
export function plainLine(text: string): string {
  return visible(text).replace(colonCommand, (_, blanks: string) => blanks + escaped(':'));
}

/** The same for a line that stands in pieces, between which something invisible will be put. */
export function plainPieces(pieces: readonly string[]): string[] {
  let isBegun = false;
  return pieces.map((piece) => {
    const plain = isBegun ? visible(piece) : plainLine(piece);
    isBegun ||= !blank.test(plain);
    return plain;
  });
}

/** The same value, with every text in it, and every name, made visible: for data that others display. */
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
 * Indented JSON that can be printed anywhere: the same value, but what acts on a terminal or is a workflow command is
 * written as JSON's own escapes.
 */
export function printableJson(value: unknown): string {
  const text = JSON.stringify(value, null, 2);
  return text
    .replace(unprintable, (character) => (character === '\n' ? character : escaped(character)))
    .replace(bracketCommand, escaped);
}

/** A program of several files. Its `main.mjs` exports by default, perhaps as a promise, what can be seen of it. */
export interface Program {
  readonly name: string;
  readonly files: Readonly<Record<string, string>>;
}

/** Makes a program of the text of its `main.mjs` and of its other files. */
export const program = (name: string, main: string, files: Readonly<Record<string, string>> = {}): Program => ({
  name,
  files: { 'main.mjs': main, ...files },
});

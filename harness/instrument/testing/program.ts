/** A program of several files. Its `main.mjs` exports the observable result by default, possibly as a promise. */
export interface Program {
  readonly name: string;
  readonly files: Readonly<Record<string, string>>;
}

/** Makes a program from the text of its `main.mjs` and its other files. */
export const program = (name: string, main: string, files: Readonly<Record<string, string>> = {}): Program => ({
  name,
  files: { 'main.mjs': main, ...files },
});

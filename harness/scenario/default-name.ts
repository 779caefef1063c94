/**
 * The name of a scenario that declares none: its file's path below the folder of scenarios, without the ending.
 *
 * @param file relative to the project, with `/`
 *
 * @example
 * defaultName('scenarios/counter/plain.scenario.ts') // 'counter/plain'
 */
export function defaultName(file: string): string {
  return file.replace(/^scenarios\//, '').replace(/\.scenario\.[a-z]+$/, '');
}

import { writeFileSync } from 'node:fs';
import process from 'node:process';
import { pathToFileURL } from 'node:url';

// Usage: node plain-driver.mjs <file for the logs> <main.mjs>... One program after another is run. The logs, one for each, are
// written last, whatever ends the process.
const [, , logFile = '', ...programs] = process.argv;
process.argv.splice(2);
const logs = programs.map(() => []);
process.on('exit', () => {
  writeFileSync(logFile, JSON.stringify(logs));
});
for (const [place, program] of programs.entries()) {
  const { run } = await import(pathToFileURL(program).href);
  await run((value) => logs[place].push(...JSON.parse(JSON.stringify([value]))));
}

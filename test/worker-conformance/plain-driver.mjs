import { writeFileSync } from 'node:fs';
import process from 'node:process';
import { pathToFileURL } from 'node:url';

// Usage: node plain-driver.mjs <main.mjs> <file for the log>. The log is written last, whatever ends the process.
const [, , main = '', logFile = ''] = process.argv;
process.argv.splice(2);
const log = [];
process.on('exit', () => {
  writeFileSync(logFile, JSON.stringify(log));
});
const { run } = await import(pathToFileURL(main).href);
await run((value) => log.push(...JSON.parse(JSON.stringify([value]))));

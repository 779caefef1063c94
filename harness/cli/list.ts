import type { Command } from 'commander';
import type { CommandContext } from './context.js';

interface ListFlags {
  readonly json?: boolean;
}

/** The widest that a column gets. A longer cell makes only its own row longer. */
const widestColumns = 60;

const examples = `
Examples:
  threadmill list
  threadmill list 'src/**/*.scenario.ts' --json`;

/** Adds `threadmill list`. */
export function addListCommand(program: Command, context: CommandContext): void {
  program
    .command('list')
    .description('List scenarios, with the expected verdict and the invariants of each.')
    .argument('[files...]', 'scenario files or globs (default: scenarios/**/*.scenario.ts)')
    .option('--json', 'print JSON')
    .addHelpText('after', examples)
    .action(async (files: string[], flags: ListFlags) => {
      await listCommand(context, files, flags);
    });
}

async function listCommand(context: CommandContext, files: readonly string[], flags: ListFlags): Promise<void> {
  const { projectDirectory, environment, stdout } = context;
  const list = await context.campaign.list();
  const scenarios = await list({ projectDirectory, files });
  const [{ streamOutput }, { printableJson }, { displayWidth, oneLine, padColumns }, { formatExpectation }] =
    await Promise.all([
      import('../report/text/output.js'),
      import('../report/text/printable.js'),
      import('../report/text/columns.js'),
      import('../report/text/words.js'),
    ]);
  const output = streamOutput(stdout, environment);
  if (flags.json === true) {
    output.print(printableJson(scenarios).split('\n'));
    return;
  }
  const { colors } = output;
  const rows = scenarios.map((scenario) => ({
    name: oneLine(scenario.name),
    expected: formatExpectation(scenario.expected),
    invariants: scenario.invariants.map(oneLine).join(', ') || 'no invariants',
    file: scenario.file,
  }));
  const widest = (column: 'name' | 'expected' | 'invariants'): number =>
    Math.min(widestColumns, Math.max(0, ...rows.map((row) => displayWidth(row[column]))));
  const columns = { name: widest('name'), expected: widest('expected'), invariants: widest('invariants') };
  for (const row of rows) {
    const expected = padColumns(row.expected, columns.expected);
    output.print([
      [
        padColumns(row.name, columns.name),
        row.expected === 'held' ? colors.green(expected) : colors.yellow(expected),
        padColumns(row.invariants, columns.invariants),
        colors.dim(row.file),
      ].join('  '),
    ]);
  }
}

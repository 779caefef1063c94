import { compileScenario } from '../../instrument/bundle.js';
import { packageName } from '../../instrument/package-name.js';
import { harnessRoot } from '../../instrument/source-names.js';
import type { Plan } from '../../schedule/schedule.js';
import type { CampaignFailure } from './explore-scenario.js';
import type { LoadedScenario } from './load-scenario.js';
import { replayPlan } from './replay-plan.js';
import type { Session } from '../session.js';

/** How often a plan is performed to see whether its traces agree. */
const replays = 3;
/** Real time for finding out which package it is; after that, all that remain are named. */
const searchMs = 10_000;

/**
 * For a failure that consists of two different traces of one schedule: if npm packages cause it by keeping state between
 * executions, adds which ones, and what to do. This is tested, not guessed. Other failures are returned unchanged.
 */
export async function withKeptPackages(
  session: Session,
  scenario: LoadedScenario,
  failure: CampaignFailure,
): Promise<CampaignFailure> {
  const { executionResult, plan } = failure;
  if (executionResult.hasTwoTraces !== true || executionResult.failure === null || session.isStopped()) return failure;
  const kept = await keptBy(session, scenario, plan);
  if (kept.length === 0) return failure;
  const list = kept.map((name) => `'${name}'`).join(', ');
  const remedy =
    scenario.tests === undefined
      ? `Add freshPackages: [${list}] to the scenario.`
      : `Write "// threadmill: freshPackages=${kept.join(',')}" at the head of the file.`;
  const message = `${executionResult.failure.message} The traces agree if ${kept.join(' and ')} ${kept.length === 1 ? 'is' : 'are'} evaluated again for each execution: ${kept.length === 1 ? 'it keeps' : 'they keep'} state between executions. ${remedy}`;
  return { ...failure, executionResult: { ...executionResult, failure: { ...executionResult.failure, message } } };
}

/** A small set of packages without whose state the traces of a plan agree; empty if packages are not the cause. */
async function keptBy(session: Session, scenario: LoadedScenario, plan: Plan): Promise<readonly string[]> {
  const { compiled, facts } = scenario;
  const files = compiled.inputs.filter((file) => !file.startsWith(harnessRoot));
  const names = new Set(files.map(packageName).filter((name) => name !== undefined));
  const candidates = [...names].filter((name) => !facts.freshPackages.includes(name)).sort();
  const deadline = performance.now() + searchMs;
  const agreeWithout = async (packages: readonly string[]): Promise<boolean> =>
    packages.length > 0 &&
    performance.now() < deadline &&
    !session.isStopped() &&
    tracesAgree(session, scenario, [...facts.freshPackages, ...packages], plan);
  try {
    if (!(await agreeWithout(candidates))) return [];
    return await fewest(candidates, agreeWithout);
  } catch {
    // A package may not support being evaluated again.
    return [];
  }
}

/** Halves a list as long as one half is enough. */
async function fewest(
  names: readonly string[],
  suffice: (names: readonly string[]) => Promise<boolean>,
): Promise<readonly string[]> {
  if (names.length < 2) return names;
  const middle = Math.ceil(names.length / 2);
  for (const half of [names.slice(0, middle), names.slice(middle)])
    if (await suffice(half)) return fewest(half, suffice);
  return names;
}

async function tracesAgree(
  session: Session,
  scenario: LoadedScenario,
  freshPackages: readonly string[],
  plan: Plan,
): Promise<boolean> {
  const { file, projectDirectory } = {
    file: scenario.compiled.file,
    projectDirectory: session.options.projectDirectory,
  };
  const { tests } = scenario;
  const hasTests = tests !== undefined;
  const compiled = await compileScenario({ file, projectDirectory, freshPackages, hasTests });
  const fresh = { compiled, file: scenario.file, tests };
  const hashes = new Set<string>();
  for (let replay = 0; replay < replays && hashes.size < 2; replay++) {
    const { traceHash, verdict } = await replayPlan(session.pool.first, fresh, plan, false, scenario.file);
    hashes.add(`${traceHash} ${verdict}`);
  }
  return hashes.size === 1;
}

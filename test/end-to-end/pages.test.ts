import { mkdtempSync, readFileSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { addressText } from '../../harness/report/text/operation.js';
import { counterexampleSchema, type Counterexample } from '../../harness/results/schema.js';
import { looks, openPage, overflowPixels, startBrowser, withoutBrowser, type Look } from './browser.js';
import { packageDirectory, runCommand } from './command.js';

const corpus = path.join(packageDirectory, 'results/corpus');
const folder = mkdtempSync(path.join(tmpdir(), 'threadmill-pages-'));

interface MadePage {
  readonly file: string;
  readonly counterexample: Counterexample;
}

const made = new Map<string, Promise<MadePage>>();

/** The saved counterexample whose file name begins with this, and the page that the built command makes of it. */
function pageOf(beginning: string): Promise<MadePage> {
  const page = made.get(beginning) ?? makePage(beginning);
  made.set(beginning, page);
  return page;
}

async function makePage(beginning: string): Promise<MadePage> {
  const name = readdirSync(corpus).find((candidate) => candidate.startsWith(beginning));
  if (name === undefined) throw new Error(`results/corpus holds no counterexample named ${beginning}...`);
  const saved = path.join(corpus, name);
  const file = path.join(folder, `${beginning}.html`);
  const outcome = await runCommand(['report', saved, '--output', file], packageDirectory);
  expect(outcome).toEqual({ exitCode: 0, stdout: `Wrote the page to ${file}\n`, stderr: '' });
  return { file, counterexample: counterexampleSchema.parse(JSON.parse(readFileSync(saved, 'utf8'))) };
}

/** The current value of a word of memory on the page. The previous value is struck through. */
async function shownWord(page: Page, location: string): Promise<string> {
  const word = page.locator(`.word[data-location="${location}"] b`);
  const struck = await word.locator('s').allTextContents();
  return ((await word.textContent()) ?? '').slice(struck.join('').length).trim();
}

/** Whether the current row is on the screen, above the drawer of a phone. */
const isCurrentRowSeen = `(() => {
  const { top, bottom } = document.querySelector('[aria-current="step"]').getBoundingClientRect();
  const side = document.querySelector('.side').getBoundingClientRect();
  return top >= 0 && bottom <= (side.width === innerWidth ? side.top : innerHeight);
})()`;

const currentRow = (page: Page): Promise<string | null> => page.locator('[aria-current="step"]').getAttribute('id');

describe.skipIf(withoutBrowser)('the page of a counterexample', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await startBrowser();
  });
  afterAll(async () => {
    // There is none if it could not be started.
    await (browser as Browser | undefined)?.close();
  });

  it('is stepped through by keyboard, and shows the words of memory as they were', async () => {
    const { file, counterexample } = await pageOf('counter-load-then-store--count--');
    const { page, problems, screenshot, close } = await openPage(browser, file, 'light-desktop');
    const { trace } = counterexample;
    expect(await currentRow(page)).toBe('row-0');
    for (const [index, { address, value }] of trace.entries()) {
      expect(await currentRow(page)).toBe(`row-${index}`);
      // After an operation of this scenario, the word has the value that the operation read or wrote.
      if (address?.kind === 'memory') expect(await shownWord(page, addressText(address))).toBe(String(value));
      await page.keyboard.press('j');
    }
    expect(await currentRow(page)).toBe(`row-${trace.length - 1}`);
    // One of two increments was lost: the word has the value that the invariant found.
    expect(counterexample.failure.found).toMatch(/^1\b/);
    expect(await shownWord(page, '#0[0]')).toBe('1');
    expect(await page.locator('#current').textContent()).toContain('✗ count: expected a final count of 2');
    await page.keyboard.press('Home');
    expect(await currentRow(page)).toBe('row-0');
    expect(await shownWord(page, '#0[0]')).toBe('0');
    await page.keyboard.press('n');
    const preemption = trace.findIndex(({ turn }) => turn === 'preemption');
    expect(await currentRow(page)).toBe(`row-${preemption}`);
    expect(await page.locator('#announcement').textContent()).toContain('Preemption: writer');
    await page.keyboard.press('ArrowUp');
    expect(await currentRow(page)).toBe(`row-${preemption - 1}`);
    await screenshot('lost-update');
    expect(problems).toEqual([]);
    await close();
  });

  it('shows what the failing read found, at the step where it failed', async () => {
    const { file, counterexample } = await pageOf('record-plain-words--checksum--');
    const { page, problems, screenshot, close } = await openPage(browser, file, 'dark-desktop');
    await page.keyboard.press('f');
    expect(await page.locator('[aria-current="step"]').getAttribute('class')).toContain('broken');
    const lastRead = counterexample.trace.findLast(({ kind }) => kind === 'read')!;
    expect(await shownWord(page, addressText(lastRead.address!))).toBe(String(lastRead.value));
    expect(await page.locator('#source .marked').textContent()).toContain(counterexample.trace.at(-1)!.source);
    await screenshot('torn-record');
    expect(problems).toEqual([]);
    await close();
  });

  it.each([
    ['wait-lost-wake-up--deadlock--', 'deadlock'],
    ['message-port-published-message-under-way-at-the-end--', 'message-port'],
    ['value-watcher-published-hostile--', 'hostile'],
  ])('can be read from a phone to a desktop, light or dark: %s', async (beginning, name) => {
    const { file } = await pageOf(beginning);
    const { page, problems, changeLook, screenshot, close } = await openPage(browser, file, 'light-desktop');
    await page.keyboard.press('End');
    for (const look of Object.keys(looks) as Look[]) {
      await changeLook(look);
      expect(await overflowPixels(page)).toBe(0);
      await vi.waitUntil(() => page.evaluate<boolean>(isCurrentRowSeen));
      await screenshot(name);
    }
    expect(problems).toEqual([]);
    await close();
  });

  it('joins messages with their deliveries, and leads from one to the other', async () => {
    const { file } = await pageOf('message-port-published-message-under-way-at-the-end--');
    const { page, problems, close } = await openPage(browser, file, 'light-desktop');
    await expect.poll(() => page.locator('.arrow.message').count()).toBe(3);
    await page.locator('[data-row]', { hasText: 'postMessage' }).first().click();
    const posted = await currentRow(page);
    await page.getByRole('button', { name: /^step / }).click();
    expect(await page.locator('[aria-current="step"]').textContent()).toContain('message');
    await page.getByRole('button', { name: /^step / }).click();
    expect(await currentRow(page)).toBe(posted);
    expect(problems).toEqual([]);
    await close();
  });

  it('folds what happens in library code, and opens it when asked to', async () => {
    const { file } = await pageOf('value-watcher-published-hostile--');
    const { page, problems, close } = await openPage(browser, file, 'light-desktop');
    const fold = page.locator('[data-fold]').first();
    const inside = page.locator(`#row-${(await fold.getAttribute('data-fold'))!}`);
    expect(await inside.isVisible()).toBe(false);
    await fold.locator('button').click();
    expect(await inside.isVisible()).toBe(true);
    expect(problems).toEqual([]);
    await close();
  });

  it('stays quick with a thousand operations', async () => {
    const { file, counterexample } = await pageOf('wait-flags-that-wait-for-each-other--livelock--');
    expect(counterexample.trace).toHaveLength(1_000);
    const { page, problems, screenshot, close } = await openPage(browser, file, 'dark-phone');
    const stepMs = await page.evaluate<number>(`(() => {
      const began = performance.now();
      for (let step = 0; step < 50; step++) {
        document.dispatchEvent(new KeyboardEvent('keydown', { key: 'j' }));
        document.body.getBoundingClientRect();
      }
      return (performance.now() - began) / 50;
    })()`);
    expect(await currentRow(page)).toBe('row-50');
    // Users notice delays of more than a tenth of a second.

    expect(stepMs).toBeLessThan(100);
    await page.keyboard.press('End');
    expect(await currentRow(page)).toBe('row-999');
    await screenshot('livelock');
    expect(problems).toEqual([]);
    await close();
  });

  it('keeps the browser from sending anything, whatever a script tries', async () => {
    const { file } = await pageOf('counter-load-then-store--count--');
    const { page, problems, close } = await openPage(browser, file, 'light-desktop');
    const tried = await page.evaluate("fetch('data:text/plain,x').then(() => 'sent', () => 'refused')");
    expect(tried).toBe('refused');
    expect(problems.join()).toContain('Content Security Policy');
    await close();
  });
});

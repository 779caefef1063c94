import { existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import { chromium, type Browser, type Page } from 'playwright-core';
import { packageDirectory } from './command.js';

const executables = [
  process.env['THREADMILL_BROWSER'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];
const executable = executables.find((file) => file !== undefined && file !== '' && existsSync(file));

/** Whether tests of pages are left out: there is no browser, and nobody insists on one. */
export const withoutBrowser = executable === undefined && process.env['THREADMILL_REQUIRE_BROWSER'] !== '1';

/** The screens on which pages are tested. Screenshots have their names. */
export const looks = {
  'light-desktop': { colorScheme: 'light', viewport: { width: 1280, height: 900 } },
  'dark-desktop': { colorScheme: 'dark', viewport: { width: 1280, height: 900 } },
  'light-phone': { colorScheme: 'light', viewport: { width: 390, height: 844 } },
  'dark-phone': { colorScheme: 'dark', viewport: { width: 390, height: 844 } },
} as const;

export type Look = keyof typeof looks;

/** A page that was opened from disk. */
export interface OpenedPage {
  readonly page: Page;
  /** Problems so far: errors, warnings, and requests for anything but the file itself. */
  readonly problems: readonly string[];
  /** Changes the screen, like a user who turns a phone or switches to dark mode. */
  readonly changeLook: (look: Look) => Promise<void>;
  /** Writes a screenshot to test-artifacts/<name>-<look>.png. */
  readonly screenshot: (name: string) => Promise<void>;
  readonly close: () => Promise<void>;
}

/**
 * Starts a browser without a window.
 *
 * @throws Error if there is none
 */
export async function startBrowser(): Promise<Browser> {
  if (executable === undefined) {
    throw new Error(
      'THREADMILL_REQUIRE_BROWSER is 1, but there is no browser. Install Chromium (apt-get install chromium), or say in THREADMILL_BROWSER where one is.',
    );
  }
  return chromium.launch({
    executablePath: executable,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

/** Opens a file like a user who double-clicks it. */
export async function openPage(browser: Browser, file: string, look: Look): Promise<OpenedPage> {
  const context = await browser.newContext({ ...looks[look], reducedMotion: 'reduce' });
  const page = await context.newPage();
  const problems: string[] = [];
  let current = look;
  const url = pathToFileURL(file).href;
  page.on('console', (message) => problems.push(`console ${message.type()}: ${message.text()}`));
  page.on('pageerror', (error) => problems.push(`uncaught: ${error.message}`));
  page.on('request', (request) => {
    if (request.url() !== url) problems.push(`requested: ${request.url()}`);
  });
  await page.goto(url);
  return {
    page,
    problems,
    changeLook: async (other) => {
      current = other;
      await page.setViewportSize(looks[other].viewport);
      await page.emulateMedia({ colorScheme: looks[other].colorScheme, reducedMotion: 'reduce' });
    },
    screenshot: async (name) => {
      const folder = path.join(packageDirectory, 'test-artifacts');
      mkdirSync(folder, { recursive: true });
      await page.screenshot({ path: path.join(folder, `${name}-${current}.png`) });
    },
    close: () => context.close(),
  };
}

/** How many pixels a page is wider than the screen. Nothing should need sideways scrolling. */
export function overflowPixels(page: Page): Promise<number> {
  return page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
}

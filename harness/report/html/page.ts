import { createHash } from 'node:crypto';
import { visible, visibleValue } from '../text/printable.js';
import { escapeHtml, type Html } from './html.js';

/**
 * The parts of a page. To add a page, take four steps:
 *
 * 1. Make a folder beside the file that renders the page, with `main.ts`, its code in the browser, and `main.css`. They may
 *    import what `browser/` here has for all pages (`base.css`, `pageData`, `seriesColor`) and npm packages. `build.mjs`
 *    lists the folders; `tsconfig.json` in `browser/` has the types of the DOM and not those of Node, so the types of the page's
 *    data belong in a file that imports nothing from Node.
 * 2. Read both as text with `readBundle(new URL('./<folder>/', import.meta.url))` of `bundle.ts`.
 * 3. Build the body with `markup` of `html.ts`, which escapes values. The content of the page should be there without a
 *    script, so that it can be searched, printed and read by a screen reader.
 * 4. Put all of it into one self-contained document with `renderPage`. The script gets its data from `pageData()`.
 */
export interface Page {
  readonly title: string;
  readonly body: Html;
  /** From `readBundle`. */
  readonly styles: string;
  /** From `readBundle`: a classic script that runs after the body is parsed. */
  readonly script: string;
  /** What `pageData()` returns in the script; it must survive JSON. Default null. */
  readonly data?: unknown;
}

/** The element that holds a page's data; `browser/data.ts` reads it. */
const dataElementId = 'page-data';

/**
 * Renders a self-contained document. It loads nothing, and its content security policy keeps the browser from sending
 * any request, whatever a script in it tries.
 *
 * @throws Error if the script or the styles would end their element
 */
export function renderPage({ title, body, styles, script, data = null }: Page): string {
  if (/<\/script|<!--/i.test(script)) throw new Error('The script of a page contains "</script" or "<!--".');
  if (/<\/style/i.test(styles)) throw new Error('The styles of a page contain "</style".');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${contentSecurityPolicy(script, styles)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<link rel="icon" href="data:,">
<title>${escapeHtml(visible(title))}</title>
<style>${styles}</style>
</head>
<body>
${body.text}
<script type="application/json" id="${dataElementId}">${embeddedJson(visibleValue(data))}</script>
<script>${script}</script>
</body>
</html>
`;
}

/** JSON that is safe in a script element: nothing in it ends the element, or a line of a script. */
export function embeddedJson(data: unknown): string {
  // A value without JSON text, such as undefined, becomes null.
  const text = (JSON.stringify(data) as string | undefined) ?? 'null';
  return text.replace(/[<\u2028\u2029]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/**
 * Forbids loading anything and running other scripts. Style attributes are allowed: charting libraries set them, and there is
 * nothing they could fetch.
 */
function contentSecurityPolicy(script: string, styles: string): string {
  return [
    "default-src 'none'",
    `script-src '${sourceHash(script)}'`,
    `style-src-elem '${sourceHash(styles)}'`,
    "style-src-attr 'unsafe-inline'",
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
}

function sourceHash(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}

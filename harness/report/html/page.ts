import { createHash } from 'node:crypto';
import { visible, visibleValue } from '../text/printable.js';
import { escapeHtml, type Html } from './html.js';

/**
 * What a page consists of. Another page is made in four steps:
 *
 * 1. A folder beside the file that renders it, with `main.ts`, its code in the browser, and `main.css`, its looks. They may
 *    import what stands in `browser/` here for all pages (`base.css`, `pageData`, `seriesColor`) and npm packages. `build.mjs`
 *    lists the folders; `tsconfig.json` in `browser/` has the types of the DOM and not those of Node, so the types of the page's
 *    data stand in a file that imports nothing of Node's.
 * 2. `readBundle(new URL('./<folder>/', import.meta.url))` of `bundle.ts` gives both as text.
 * 3. `markup` of `html.ts` builds the body; it escapes what is put into it. What the page says should be there without any
 *    script, so that it can be searched, printed and read aloud.
 * 4. `renderPage` puts all of it into one document that needs nothing else; its data comes back from `pageData()`.
 */
export interface Page {
  readonly title: string;
  readonly body: Html;
  /** As `readBundle` gives it. */
  readonly styles: string;
  /** As `readBundle` gives it: a classic script, run when the body is there. */
  readonly script: string;
  /** What the script works with: whatever JSON can hold. Default null. */
  readonly data?: unknown;
}

/** The element that holds a page's data; `browser/data.ts` reads it. */
const dataElementId = 'page-data';

/**
 * Renders one document that needs nothing but itself: it loads nothing, and its policy keeps the browser from sending
 * any request, whatever a script in it tries.
 *
 * @throws Error if the script or the styles would end the element they stand in
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

/** JSON that can stand in a script element: nothing in it ends the element, or a line of a script. */
export function embeddedJson(data: unknown): string {
  // What has no JSON text at all, such as undefined, is null.
  const text = (JSON.stringify(data) as string | undefined) ?? 'null';
  return text.replace(/[<\u2028\u2029]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/**
 * Nothing may be loaded and no other script run. Style attributes are allowed: charting libraries set them, and there is
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

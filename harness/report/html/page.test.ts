import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readBundle } from './bundle.js';
import { escapeHtml, markup } from './html.js';
import { embeddedJson, renderPage } from './page.js';

/** Text made of pieces that break out of elements, attributes and scripts. */
const hostileText = fc
  .array(
    fc.oneof(fc.constantFrom('</script>', '<!--', '<script>', '\u2028', '\u2029', '"', "'", '&amp;', '`'), fc.string()),
  )
  .map((parts) => parts.join(''));

describe('markup', () => {
  it('escapes what is put into it and keeps what it made itself', () => {
    const item = markup`<li title="${'"><b>'}">${'a & b'}</li>`;
    expect(markup`<ul>${[item, item]}${null}${false}${3}</ul>`.text).toBe(
      '<ul><li title="&quot;&gt;&lt;b&gt;">a &amp; b</li><li title="&quot;&gt;&lt;b&gt;">a &amp; b</li>3</ul>',
    );
  });

  it('lets no text out of where it stands', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        expect(escapeHtml(text)).not.toMatch(/[<>"']|&(?!(?:amp|lt|gt|quot|#39);)/);
      }),
    );
  });
});

describe('embeddedJson', () => {
  it('comes back as it was, and nothing in it ends the script', () => {
    fc.assert(
      fc.property(fc.oneof(hostileText, fc.jsonValue(), fc.dictionary(hostileText, hostileText)), (data) => {
        const text = embeddedJson(data);
        expect(text).not.toMatch(/[<\u2028\u2029]/);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(data)));
      }),
    );
  });

  it('is null for what JSON cannot hold', () => {
    expect(embeddedJson(undefined)).toBe('null');
  });
});

describe('renderPage', () => {
  const page = { title: 'a < b', body: markup`<main>${'<x>'}</main>`, styles: 'body{color:red}', script: 'alert(1)' };

  it('allows its own script and styles by their hashes, and nothing else', () => {
    const text = renderPage({ ...page, data: { key: '</script><script>alert(2)</script>' } });
    // `printf 'alert(1)' | openssl dgst -sha256 -binary | base64`
    expect(text).toContain("script-src 'sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI='");
    expect(text).toContain("default-src 'none'");
    expect(text).toContain('<title>a &lt; b</title>');
    expect(text).toContain('<main>&lt;x&gt;</main>');
    expect(text.match(/<script/g)).toHaveLength(2);
    expect(text.match(/<\/script>/g)).toHaveLength(2);
    expect(text).not.toMatch(/https?:/);
  });

  it('refuses a script or styles that would end their element', () => {
    expect(() => renderPage({ ...page, script: 'x = "</SCRIPT>"' })).toThrow('</script');
    expect(() => renderPage({ ...page, styles: '</style>' })).toThrow('</style');
  });
});

describe('readBundle', () => {
  it('gives script and styles of a page, with what all pages share', async () => {
    const { script, styles } = await readBundle(new URL('./browser/counterexample/', import.meta.url));
    expect(script).toContain('page-data');
    expect(styles).toContain('--surface');
    expect(styles).toMatch(/prefers-color-scheme:\s*dark/);
  });

  it('says what to do when there is no such page', async () => {
    await expect(readBundle(new URL('./browser/absent/', import.meta.url))).rejects.toThrow('run npm run build');
  });
});

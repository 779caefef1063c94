import { readBundle } from '../../report/html/bundle.js';
import { markup } from '../../report/html/html.js';
import { renderPage } from '../../report/html/page.js';
import type { Comparison } from '../../results/comparison-schema.js';

/** A comparison as one page that needs nothing else. */
export async function renderComparisonPage(comparison: Comparison): Promise<string> {
  const { script, styles } = await readBundle('comparison');
  return renderPage({ title: 'Bridges compared', body: markup`<main></main>`, script, styles, data: comparison });
}

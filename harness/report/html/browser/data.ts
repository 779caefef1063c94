/** The data that `renderPage` was given. */
export function pageData(): unknown {
  return JSON.parse(elementById('page-data').textContent);
}

/**
 * An element that the page must have.
 *
 * @throws Error if the page has no element with this id
 */
export function elementById(id: string): HTMLElement {
  const element = document.getElementById(id);
  if (element === null) throw new Error(`the page has no element #${id}`);
  return element;
}

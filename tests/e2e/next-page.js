/**
 * Does something that leads to another page, through any redirects, and waits for that page.
 * @param {import("playwright-core").Page} page
 * @param {() => Promise<unknown>} act
 */
export async function toNextPage(page, act) {
  const loaded = page.waitForEvent("load");
  await act();
  await loaded;
}

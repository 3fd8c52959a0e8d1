import type { Locator, Page } from '@playwright/test';
import { chooseTheme } from './pages';
import { expect, test } from './watch';

/** More tab stops than any page has before the sought one. */
const MOST_TABS = 400;

test('a newcomer walks from the verdict to the abused session and its events, and back by a link', async ({
  page,
  context,
}) => {
  await chooseTheme(page, 'light');
  await page.goto('/?lang=en');
  const hit = page
    .locator('.org-hit')
    .filter({ has: page.locator('a[href^="/session?"]') })
    .first();
  await expect(hit).toBeVisible();
  const session = hit.locator('a[href^="/session?"]').first();
  const key = (await session.textContent()) ?? '';
  expect(key).not.toBe('');
  await session.click();

  const asked = page.locator('.tree-sessions li[aria-current=true]');
  await expect(asked).toContainText(key);
  await asked.getByRole('link', { name: /Show .* events? of this session/ }).click();

  await expect(page).toHaveURL(/\/events\?/);
  const row = page.locator('.vtable-window [role=row]').first();
  await expect(row.locator('[role=gridcell]').first()).toContainText('UTC');
  await row.click();
  const flyout = page.locator('.flyout');
  await expect(flyout).toContainText(key);
  await expect(page).toHaveURL(/event=[0-9a-f]{32}/);

  await flyout.getByRole('tab', { name: 'Surrounding' }).click();
  await expect(page.locator('.surrounding-this')).toBeVisible();
  await expect(page).toHaveURL(/tab=surrounding/);
  const link = page.url();
  const before = await stateOf(page);

  await page.reload();
  await expect(page.locator('.surrounding-this')).toBeVisible();
  expect(await stateOf(page)).toEqual(before);

  const other = await context.newPage();
  await other.goto(link);
  await expect(other.locator('.surrounding-this')).toBeVisible();
  expect(await stateOf(other)).toEqual(before);

  // Back goes the way that was come.
  for (const url of [/\/events\?/, /\/session\?/, /\/(\?|$)/]) {
    await goBackTo(page, url);
  }
  await expect(page.locator('.org-hit').first()).toBeVisible();
});

test('the same walk in Japanese, with the keyboard alone', async ({ page }) => {
  await chooseTheme(page, 'dark');
  await page.goto('/?lang=ja');
  await expect(page.locator('.org-hit').first()).toBeVisible();
  const session = page.locator('.org-hit a[href^="/session?"]').first();
  const key = (await session.textContent()) ?? '';
  await tabTo(page, session);
  await page.keyboard.press('Enter');

  const asked = page.locator('.tree-sessions li[aria-current=true]');
  await expect(asked).toContainText(key);
  await tabTo(page, asked.locator('a[href^="/events?"]'));
  await page.keyboard.press('Enter');

  await expect(page.getByRole('grid', { name: '見つかったイベント' })).toBeVisible();
  await expect(page.locator('[role=gridcell]').first()).toContainText('UTC');
  await page.keyboard.press('j');
  await page.keyboard.press('j');
  await page.keyboard.press('Enter');
  const flyout = page.locator('.flyout');
  await expect(flyout).toContainText(key);
  await expect(flyout.locator('h2')).toBeFocused();
  const second = await stateOf(page);

  // `j` goes on to the next row, and the flyout follows.
  await page.keyboard.press('j');
  await expect.poll(async () => (await stateOf(page)).event).not.toBe(second.event);
  await page.keyboard.press('k');
  await expect.poll(() => stateOf(page)).toEqual(second);

  await tabTo(page, flyout.getByRole('tab', { name: '項目' }));
  await page.keyboard.press('ArrowRight');
  await expect(flyout.locator('pre')).toBeVisible();
  await page.keyboard.press('ArrowRight');
  await expect(page.locator('.surrounding-this')).toBeVisible();

  // The zone is one key, and every time says it.
  await page.keyboard.press('t');
  await expect(page).toHaveURL(/zone=jst/);
  await expect(page.locator('[role=gridcell]').first()).toContainText('JST');
  const address = page.url();
  await page.goto('/findings?lang=ja');
  await page.goto(address);
  await expect(page.locator('.surrounding-this')).toBeVisible();
  await expect.poll(async () => (await stateOf(page)).event).toBe(second.event);

  await page.keyboard.press('Escape');
  await expect(flyout).toHaveCount(0);
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog')).toContainText('次の行');
  await page.keyboard.press('Escape');
  await page.keyboard.press('g');
  await page.keyboard.press('v');
  await expect(page.locator('.org-hit').first()).toBeVisible();
  await expect(page).toHaveURL(/lang=ja/);
});

/** What a link must bring back. */
async function stateOf(page: Page) {
  const selected = page.locator('.vtable-window [role=row][aria-selected=true]');
  await expect(selected).toHaveCount(1);
  return {
    event: new URL(page.url()).searchParams.get('event'),
    row: await selected.getAttribute('aria-rowindex'),
    text: await selected.textContent(),
    tab: await page.locator('.flyout [role=tab][aria-selected=true]').textContent(),
    query: await page.getByRole('combobox').first().inputValue(),
  };
}

async function goBackTo(page: Page, url: RegExp): Promise<void> {
  const matches = () => url.test(new URL(page.url()).pathname + new URL(page.url()).search);
  for (let step = 0; step < 6; step += 1) {
    await page.goBack();
    if (matches() && !/[?&]event=/.test(page.url())) return;
  }
  throw new Error(`going back did not lead to ${url}`);
}

/** Presses Tab until an element has the focus. */
async function tabTo(page: Page, target: Locator): Promise<void> {
  await expect(target).toBeVisible();
  for (let tabs = 0; tabs < MOST_TABS; tabs += 1) {
    if (await target.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error('the element cannot be reached with Tab');
}

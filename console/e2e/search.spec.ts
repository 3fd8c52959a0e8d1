import { expect, test } from './watch';

test.describe('the event search', () => {
  test('completes fields and values, and shows where a query is wrong', async ({ page, watched }) => {
    await page.goto('/events?lang=en');
    await expect(page.locator('[role=gridcell]').first()).toBeVisible();
    await page.keyboard.press('/');
    const bar = page.getByRole('combobox', { name: 'Search' });
    await expect(bar).toBeFocused();
    await bar.pressSequentially('ta');
    await expect(page.getByRole('option', { name: /^table/ })).toBeVisible();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await expect(bar).toHaveValue(/^(table|target):$/);
    await bar.fill('org:');
    await expect(page.getByRole('option').first()).toBeVisible();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await expect(bar).toHaveValue(/^org:".+" $/);
    await page.keyboard.press('Escape');
    await bar.focus();
    await page.keyboard.press('Enter');
    await expect(page).toHaveURL(/q=org/);

    watched.allowFailures(/^400 \/api\/v1\/events/);
    await bar.fill('nosuchfield:x');
    await page.keyboard.press('Enter');
    await expect(page.getByRole('alert')).toBeVisible();
    await expect(page.locator('.query-bar-place mark')).toContainText('nosuchfield');
    await expect(bar).toHaveAttribute('aria-invalid', 'true');
  });

  test('narrows by facets, takes it back, and keeps it all in the address', async ({ page }) => {
    await page.goto('/events?lang=en');
    const found = page.locator('.events-found strong');
    await expect(found).toBeVisible();
    const all = await found.textContent();
    const facet = page
      .locator('.facet')
      .filter({ hasText: /^table/ })
      .first()
      .locator('.facet-row')
      .first();
    const share = Number(((await facet.locator('.facet-count').textContent()) ?? '').replaceAll(',', ''));
    await facet.getByRole('button', { name: /^Only table/ }).click();
    await expect(found).toHaveText(`${share.toLocaleString('en')} events`);
    await expect(page).toHaveURL(/q=table/);
    await page.reload();
    await expect(found).toHaveText(`${share.toLocaleString('en')} events`);
    await facet.getByRole('button', { name: /^Only table/ }).click();
    await expect(found).toHaveText(all ?? '');
  });

  test('zooms by dragging and by keyboard, and shifts the window', async ({ page }) => {
    await page.goto('/events?lang=en');
    const plot = page.getByRole('slider', { name: 'Events over time' });
    await expect(plot).toBeVisible();
    const box = await plot.boundingBox();
    if (box === null) throw new Error('the histogram has no place');
    await page.mouse.move(box.x + box.width * 0.3, box.y + 20);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.5, box.y + 20, { steps: 5 });
    await page.mouse.up();
    await expect(page).toHaveURL(/from=.*to=/);
    const zoomed = span(page.url());
    await page.keyboard.press(']');
    await expect.poll(() => span(page.url()).from).toBe(zoomed.to);
    await page.keyboard.press('[');
    await expect.poll(() => span(page.url())).toEqual(zoomed);
    await expect(page.locator('.histogram[aria-busy=false]')).toBeVisible();
    await plot.focus();
    await page.keyboard.press('Home');
    await page.keyboard.press('Shift+ArrowRight');
    await page.keyboard.press('Enter');
    await expect
      .poll(() => span(page.url()).to - span(page.url()).from)
      .toBeLessThan(zoomed.to - zoomed.from);
    expect(span(page.url()).from).toBeGreaterThanOrEqual(zoomed.from - (zoomed.to - zoomed.from) / 20);
  });

  test('reads 26:00 as two in the morning in the shown zone', async ({ page }) => {
    await page.goto('/events?lang=en&zone=jst');
    await page.getByRole('button', { name: /^Time range/ }).click();
    await page.getByLabel('From, in JST').fill('2025-11-13 26:00');
    await page.getByLabel('To, in JST').fill('nonsense');
    await page.getByRole('button', { name: 'Apply' }).click();
    await expect(page.getByText('this is not a time')).toBeVisible();
    await page.getByLabel('To, in JST').fill('2025-11-15');
    await page.getByRole('button', { name: 'Apply' }).click();
    await expect(page).toHaveURL(/from=2025-11-13T17%3A00%3A00Z&to=2025-11-14T15%3A00%3A00Z/);
    await expect(page.getByRole('button', { name: /^Time range/ })).toContainText('2025-11-14 02:00');
  });

  test('says what was searched where nothing is found', async ({ page }) => {
    await page.goto('/events?lang=en&q=actor:nobody-at-all');
    await expect(page.getByText('No event matches')).toBeVisible();
    await expect(page.getByText(/Searched: \d+ tables of \d+ orgs/)).toBeVisible();
    await expect(page.getByRole('link', { name: 'See the coverage' })).toBeVisible();
  });

  test('exports what is on screen, with absolute times', async ({ page, request }) => {
    await page.goto('/events?lang=en&from=end-24h&q=org:*');
    await page.getByRole('button', { name: 'Export' }).click();
    const href = await page.getByRole('link', { name: /^CSV/ }).getAttribute('href');
    const query = new URL(href ?? '', 'http://console.invalid').searchParams;
    expect(query.get('q')).toBe('org:*');
    expect(query.get('from')).toMatch(/^\d{4}-\d\d-\d\dT.*Z$/);
    expect(query.get('to')).toMatch(/^\d{4}-\d\d-\d\dT.*Z$/);
    expect(query.get('format')).toBe('csv');
    // The invented answers have no export.
    if (process.env.SEKISHO_URL !== undefined) {
      const response = await request.get(href ?? '');
      expect(response.ok()).toBe(true);
      expect(response.headers()['content-disposition']).toContain('attachment');
    }
  });

  test('copies a link whose times are absolute', async ({ page, context }) => {
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.goto('/events?lang=en&from=end-24h');
    await expect(page.locator('.events-found strong')).toBeVisible();
    await page.getByRole('button', { name: 'Copy link' }).click();
    await expect(page.getByRole('button', { name: /Copied/ })).toBeVisible();
    const link = new URL(await page.evaluate(() => navigator.clipboard.readText()));
    expect(link.searchParams.get('from')).toMatch(/Z$/);
    expect(link.searchParams.get('to')).toMatch(/Z$/);
    expect(link.searchParams.get('generation')).not.toBe('');
    const found = await page.locator('.events-found strong').textContent();
    await page.goto(link.href);
    await expect(page.locator('.events-found strong')).toHaveText(found ?? '');
  });
});

function span(url: string): { from: number; to: number } {
  const query = new URL(url).searchParams;
  return { from: Date.parse(query.get('from') ?? ''), to: Date.parse(query.get('to') ?? '') };
}

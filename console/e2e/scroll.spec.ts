import type { Page } from '@playwright/test';
import { serveRows } from './rows';
import { expect, test } from './watch';

const JUMPS = 300;
// Measured medians are one frame; a bound that only a broken list reaches keeps busy machines from failing.
const MOST_P95_MS = 120;
const MOST_DOM_ROWS = 80;

for (const rows of [200_000, 2_000_000]) {
  test(`${rows.toLocaleString('en')} rows scroll smoothly and each is where it belongs`, async ({ page }) => {
    await serveRows(page, rows);
    await page.goto('/events?columns=time,rows,query');
    await expect(page.locator('[role=gridcell]').first()).toBeVisible();
    await expect(page.getByRole('grid')).toHaveAttribute('aria-rowcount', String(rows + 1));

    const { p50, p95, most, domRows } = await jump(page);
    console.log(
      `${rows} rows: ${JUMPS} jumps p50 ${p50} ms, p95 ${p95} ms, max ${most} ms, ${domRows} DOM rows`,
    );
    expect(domRows).toBeLessThanOrEqual(MOST_DOM_ROWS);
    expect(p95).toBeLessThan(MOST_P95_MS);

    for (const share of [1, 0.5, 0.123, 0.87, 0]) await showsTheRightRows(page, share, rows);
    await page.getByRole('grid').focus();
    await page.keyboard.press('End');
    await expect(page.locator('.vtable-active')).toContainText(`row ${rows - 1}`);
    await page.keyboard.press('ArrowUp');
    await expect(page.locator('.vtable-active')).toContainText(`row ${rows - 2}`);
  });
}

/** Scrolls to a share of the list and reads the rows that stand there. */
async function showsTheRightRows(page: Page, share: number, rows: number): Promise<void> {
  await page.locator('.vtable').evaluate((element, at) => {
    element.scrollTop = at * (element.scrollHeight - element.clientHeight);
  }, share);
  const shown = page.locator('.vtable-window [role=row]');
  await expect.poll(() => shown.evaluateAll(faultsOf, { share, rows }), { timeout: 30_000 }).toEqual([]);
}

/** Returns what is wrong with the drawn rows: not here yet, not the row that its place says, or not the place asked for. */
function faultsOf(elements: Element[], { share, rows }: { share: number; rows: number }): string[] {
  const numbers = elements.map((element) => Number(element.getAttribute('aria-rowindex')) - 2);
  const faults = elements.flatMap((element, at) =>
    element.textContent?.endsWith(`row ${numbers[at]}`) ? [] : [`${numbers[at]}: ${element.textContent}`],
  );
  const middle = numbers[Math.floor(numbers.length / 2)] ?? Number.NaN;
  return Math.abs(middle / rows - share) < 0.01 ? faults : [...faults, `row ${middle} is in the middle`];
}

async function jump(page: Page) {
  return page.locator('.vtable').evaluate(async (element, jumps) => {
    const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
    const times: number[] = [];
    let state = 7;
    for (let count = 0; count < jumps; count += 1) {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      await frame();
      const start = performance.now();
      element.scrollTop = (state / 2 ** 32) * (element.scrollHeight - element.clientHeight);
      await frame();
      await frame();
      times.push((performance.now() - start) / 2);
    }
    times.sort((a, b) => a - b);
    const at = (share: number) => Math.round((times[Math.floor(share * (times.length - 1))] ?? 0) * 10) / 10;
    const domRows = element.querySelectorAll('.vtable-window [role=row]').length;
    return { p50: at(0.5), p95: at(0.95), most: at(1), domRows };
  }, JUMPS);
}

import { mkdirSync, writeFileSync } from 'node:fs';
import { LANGS } from './pages';
import { expect, test } from './watch';

for (const lang of LANGS) {
  test(`the verdict sheet prints on one A4 page, ${lang}`, async ({ page }) => {
    await page.goto(`/?lang=${lang}`);
    await expect(page.locator('.org').first()).toBeVisible();
    await page.waitForLoadState('networkidle');
    await page.evaluate(() => document.fonts.ready);
    const pdf = await page.pdf({ preferCSSPageSize: true, printBackground: true });
    mkdirSync(`${import.meta.dirname}/output`, { recursive: true });
    writeFileSync(`${import.meta.dirname}/output/verdict-${lang}.pdf`, pdf);
    const text = pdf.toString('latin1');
    expect(text.match(/\/Type\s*\/Page\b(?!s)/g) ?? []).toHaveLength(1);
    // A4 in points, as Chromium rounds it.
    const [, width, height] = /\/MediaBox\s*\[\s*0\s+0\s+([\d.]+)\s+([\d.]+)/.exec(text) ?? [];
    expect(Math.round(Number(width))).toBeGreaterThanOrEqual(594);
    expect(Math.round(Number(width))).toBeLessThanOrEqual(596);
    expect(Math.round(Number(height))).toBeGreaterThanOrEqual(841);
    expect(Math.round(Number(height))).toBeLessThanOrEqual(843);
  });
}

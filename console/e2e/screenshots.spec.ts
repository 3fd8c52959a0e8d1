import { chooseTheme, everyPage, LANGS, open, THEMES } from './pages';
import { expect, test } from './watch';

const SIZES = [
  { width: 1280, height: 800 },
  { width: 1920, height: 1080 },
];

for (const theme of THEMES) {
  for (const viewport of SIZES) {
    test(`every page fits ${viewport.width} pixels in the ${theme} theme`, async ({ page, request }) => {
      await page.setViewportSize(viewport);
      await chooseTheme(page, theme);
      const wide: string[] = [];
      for (const shown of await everyPage(request)) {
        // Japanese at the narrow size, where texts are tightest; English at the wide one.
        const lang = LANGS[viewport.width === 1280 && theme === 'light' ? 1 : 0];
        await open(page, shown, `lang=${lang}`);
        await page.screenshot({
          path: `${import.meta.dirname}/output/${shown.name}-${viewport.width}-${theme}-${lang}.png`,
        });
        const over = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
        if (over > 0) wide.push(`${shown.name} is ${over} pixels too wide`);
      }
      expect(wide).toEqual([]);
    });
  }
}

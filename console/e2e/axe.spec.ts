import { AxeBuilder } from '@axe-core/playwright';
import { chooseTheme, everyPage, open, THEMES } from './pages';
import { expect, test } from './watch';

// Fourteen pages, of which the larger ones take axe several seconds each.
const ALL_PAGES_MS = 300_000;

for (const theme of THEMES) {
  test(`no page has a serious fault of accessibility in the ${theme} theme`, async ({ page, request }) => {
    test.setTimeout(ALL_PAGES_MS);
    await chooseTheme(page, theme);
    const faults: string[] = [];
    for (const shown of await everyPage(request)) {
      await open(page, shown);
      const { violations } = await new AxeBuilder({ page })
        .options({ resultTypes: ['violations'] })
        .analyze();
      for (const { id, impact, nodes } of violations) {
        if (impact !== 'serious' && impact !== 'critical') continue;
        faults.push(
          `${shown.name}: ${id} (${impact}): ${nodes.map((node) => node.html.slice(0, 160)).join(' | ')}`,
        );
      }
    }
    expect(faults).toEqual([]);
  });
}

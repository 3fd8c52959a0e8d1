import { describe, expect, it } from 'vitest';
import { MAX_SCROLL_PX, OVERSCAN_ROWS, scrollHeightPx, scrollToShow, scrollToTop, windowAt } from './window';

const shape = (rows: number) => ({ rows, rowPx: 24, viewportPx: 600 });

describe('a list below the cap', () => {
  it('draws what is seen and a little more', () => {
    const seen = windowAt(2_400, shape(1_000));
    expect(seen).toMatchObject({ seenFirst: 100, seenEnd: 125, first: 100 - OVERSCAN_ROWS });
    expect(seen.topPx).toBe((100 - OVERSCAN_ROWS) * 24);
  });

  it('copes with few rows and with none', () => {
    expect(windowAt(0, shape(0))).toMatchObject({ first: 0, end: 0 });
    expect(windowAt(50, shape(3))).toMatchObject({ first: 0, end: 3, topPx: 50 });
  });
});

describe.each([200_000, 2_000_000, 50_000_000])('a list of %i rows', (rows) => {
  const list = shape(rows);
  it("stays below the browser's cap and reaches its last row", () => {
    expect(scrollHeightPx(list)).toBeLessThanOrEqual(MAX_SCROLL_PX);
    const bottom = scrollHeightPx(list) - list.viewportPx;
    expect(windowAt(bottom, list).end).toBe(rows);
    expect(windowAt(0, list).first).toBe(0);
  });

  it('draws a bounded number of rows anywhere, in view', () => {
    const travel = scrollHeightPx(list) - list.viewportPx;
    for (let step = 0; step <= 100; step += 1) {
      const top = (travel * step) / 100;
      const seen = windowAt(top, list);
      expect(seen.end - seen.first).toBeLessThanOrEqual(26 + 2 * OVERSCAN_ROWS);
      const firstSeenPx = seen.topPx + (seen.seenFirst - seen.first) * list.rowPx;
      expect(firstSeenPx).toBeLessThanOrEqual(top + 0.01);
      expect(firstSeenPx).toBeGreaterThan(top - list.rowPx - 0.01);
    }
  });

  it('shows any row that is asked for', () => {
    for (const row of [0, 1, 77, Math.floor(rows / 3), rows - 2, rows - 1]) {
      const seen = windowAt(scrollToShow(row, 0, list), list);
      expect(seen.seenFirst).toBeLessThanOrEqual(row);
      expect(seen.seenEnd).toBeGreaterThan(row);
    }
    expect(windowAt(scrollToTop(100, list), list).seenFirst).toBeGreaterThanOrEqual(99);
  });

  it('does not move for a row in view', () => {
    const top = scrollToTop(1_000, list);
    expect(scrollToShow(1_005, top, list)).toBe(top);
  });
});

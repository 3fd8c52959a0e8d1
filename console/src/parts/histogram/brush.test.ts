import { describe, expect, it } from 'vitest';
import { barAt, marked, press, rangeOf } from './brush';

describe('brush', () => {
  it('finds the bar under the pointer, also outside', () => {
    expect(barAt(0.5, 10)).toBe(5);
    expect(barAt(1, 10)).toBe(9);
    expect(barAt(-0.2, 10)).toBe(0);
    expect(barAt(0.5, 0)).toBe(0);
  });

  it('marks with Shift and zooms with Enter', () => {
    let brush = { cursor: 3, anchor: null as number | null };
    brush = press('ArrowRight', true, brush, 10)?.brush ?? brush;
    brush = press('ArrowRight', true, brush, 10)?.brush ?? brush;
    expect(marked(brush)).toEqual([3, 5]);
    const done = press('Enter', false, brush, 10);
    expect(done?.zoom).toEqual([3, 5]);
    expect(done?.brush.anchor).toBeNull();
  });

  it('zooms into one bar without a mark, and stays inside', () => {
    expect(press('Enter', false, { cursor: 7, anchor: null }, 10)?.zoom).toEqual([7, 7]);
    expect(press('ArrowLeft', false, { cursor: 0, anchor: null }, 10)?.brush.cursor).toBe(0);
    expect(press('End', false, { cursor: 0, anchor: null }, 10)?.brush.cursor).toBe(9);
  });

  it('lets go with Escape, and leaves Escape to the page otherwise', () => {
    expect(press('Escape', false, { cursor: 1, anchor: 4 }, 10)?.brush.anchor).toBeNull();
    expect(press('Escape', false, { cursor: 1, anchor: null }, 10)).toBeNull();
    expect(press('j', false, { cursor: 1, anchor: null }, 10)).toBeNull();
  });

  it('gives half-open ranges', () => {
    expect(rangeOf({ fromMs: 1_000, bucketMs: 100, count: 5 }, [1, 2])).toEqual({
      fromMs: 1_100,
      toMs: 1_300,
    });
  });
});

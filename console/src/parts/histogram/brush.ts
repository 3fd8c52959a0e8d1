/** The bars of a histogram. */
export interface Bars {
  fromMs: number;
  bucketMs: number;
  count: number;
}

/** Where the keyboard stands and what is marked, in numbers of bars; `anchor` is where the mark began. */
export interface Brush {
  cursor: number;
  anchor: number | null;
}

/** What a key does to the brush. */
export type BrushAct = { brush: Brush; zoom: [number, number] | null };

/** Bars that Page Up and Page Down leap over. */
const PAGE_BARS = 10;

/** Returns the bar under a place between 0 (left) and 1 (right). */
export function barAt(fraction: number, count: number): number {
  return Math.min(Math.max(Math.floor(fraction * count), 0), Math.max(0, count - 1));
}

/** Returns the marked bars, first and last; null where none are. */
export function marked(brush: Brush): [number, number] | null {
  if (brush.anchor === null) return null;
  return [Math.min(brush.anchor, brush.cursor), Math.max(brush.anchor, brush.cursor)];
}

/** Returns the half-open range of the bars from the first to the last. */
export function rangeOf(bars: Bars, [first, last]: [number, number]): { fromMs: number; toMs: number } {
  return { fromMs: bars.fromMs + first * bars.bucketMs, toMs: bars.fromMs + (last + 1) * bars.bucketMs };
}

/** Returns what a key does: arrows move, with Shift they mark, Enter zooms, Escape lets go. Null where it does nothing. */
export function press(key: string, isShift: boolean, brush: Brush, count: number): BrushAct | null {
  if (key === 'Enter' || key === ' ') {
    return { brush: { ...brush, anchor: null }, zoom: marked(brush) ?? [brush.cursor, brush.cursor] };
  }
  // Without a mark Escape belongs to the page.
  if (key === 'Escape')
    return brush.anchor === null ? null : { brush: { ...brush, anchor: null }, zoom: null };
  const target = targetOf(key, brush.cursor, count);
  if (target === null) return null;
  const cursor = Math.min(Math.max(target, 0), Math.max(0, count - 1));
  return { brush: { cursor, anchor: isShift ? (brush.anchor ?? brush.cursor) : null }, zoom: null };
}

function targetOf(key: string, cursor: number, count: number): number | null {
  switch (key) {
    case 'ArrowLeft':
      return cursor - 1;
    case 'ArrowRight':
      return cursor + 1;
    case 'PageUp':
      return cursor - PAGE_BARS;
    case 'PageDown':
      return cursor + PAGE_BARS;
    case 'Home':
      return 0;
    case 'End':
      return count - 1;
    default:
      return null;
  }
}

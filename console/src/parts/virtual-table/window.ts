/**
 * Most pixels that the scrolled element is high. Chromium cuts elements off at 33,554,428 layout pixels, and page zoom
 * counts into that: 15 million stay below it at 200 %.
 */
export const MAX_SCROLL_PX = 15_000_000;

/** Rows drawn above and below what is seen, so that a quick scroll does not show emptiness. */
export const OVERSCAN_ROWS = 8;

/** What a list of equally high rows looks like. */
export interface ListShape {
  rows: number;
  rowPx: number;
  viewportPx: number;
}

/** Which rows to draw, and where. */
export interface ListWindow {
  first: number;
  /** Behind the last row. */
  end: number;
  /** Where row `first` is drawn in the scrolled element. */
  topPx: number;
  /** First row that is seen at all. */
  seenFirst: number;
  /** Behind the last row that is seen at all. */
  seenEnd: number;
}

/** Returns how high the scrolled element is. */
export function scrollHeightPx(shape: ListShape): number {
  return Math.min(shape.rows * shape.rowPx, MAX_SCROLL_PX);
}

/** Returns the rows to draw at a scroll position. Above the cap the scroll bar is scaled, the rows are not. */
export function windowAt(scrollTop: number, shape: ListShape): ListWindow {
  const offset = offsetAt(scrollTop, shape);
  const seenFirst = clamp(Math.floor(offset / shape.rowPx), 0, shape.rows);
  const seenEnd = clamp(Math.ceil((offset + shape.viewportPx) / shape.rowPx), 0, shape.rows);
  const first = Math.max(0, seenFirst - OVERSCAN_ROWS);
  const end = Math.min(shape.rows, seenEnd + OVERSCAN_ROWS);
  return { first, end, topPx: scrollTop - (offset - first * shape.rowPx), seenFirst, seenEnd };
}

/** Returns the scroll position that shows a row, moving no further than needed. */
export function scrollToShow(row: number, scrollTop: number, shape: ListShape): number {
  const offset = offsetAt(scrollTop, shape);
  const rowTop = clamp(row, 0, Math.max(0, shape.rows - 1)) * shape.rowPx;
  if (rowTop < offset) return scrollAt(rowTop, shape);
  const bottom = rowTop + shape.rowPx;
  if (bottom > offset + shape.viewportPx) return scrollAt(bottom - shape.viewportPx, shape);
  return scrollTop;
}

/** Returns the scroll position that puts a row at the top. */
export function scrollToTop(row: number, shape: ListShape): number {
  return scrollAt(clamp(row, 0, shape.rows) * shape.rowPx, shape);
}

/** Pixels of the whole list above the viewport. */
function offsetAt(scrollTop: number, shape: ListShape): number {
  const travel = travelOf(shape);
  return clamp(scrollTop, 0, travel.bar) * (travel.bar > 0 ? travel.list / travel.bar : 0);
}

function scrollAt(offset: number, shape: ListShape): number {
  const travel = travelOf(shape);
  return travel.list > 0 ? clamp(offset, 0, travel.list) * (travel.bar / travel.list) : 0;
}

/** How far the list and the scroll bar can move. */
function travelOf(shape: ListShape): { list: number; bar: number } {
  return {
    list: Math.max(0, shape.rows * shape.rowPx - shape.viewportPx),
    bar: Math.max(0, scrollHeightPx(shape) - shape.viewportPx),
  };
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}

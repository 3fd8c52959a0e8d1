import { type RefObject, useEffect, useState } from 'react';
import { flushSync } from 'react-dom';

// What @page in print.css leaves of an A4 page, less a millimetre for rounding.
const PAGE_HEIGHT_MM = 297 - 2 * 9 - 1;
const MM_PX = 96 / 25.4;

// Between a page of verdicts alone and more than any page could hold.
const FEWEST_LINES = 0;
const MOST_LINES = 200;
// Smaller print than this is not read.
const SMALLEST_ZOOM = 0.72;

/**
 * Lays a sheet out for paper while the browser prints: returns how many lines its lists may take so that it
 * stays on one page, and null on screen.
 *
 * Texts come from the server in two languages, so that what fits is measured rather than reckoned.
 */
export function usePaperLines(sheet: RefObject<HTMLElement | null>): number | null {
  const [lines, setLines] = useState<number | null>(null);
  useEffect(() => {
    const layOut = () => {
      const fits = (tried: number) => {
        flushSync(() => setLines(tried));
        return heightOf(sheet.current) <= PAGE_HEIGHT_MM * MM_PX;
      };
      flushSync(() => setLines(mostThatFits(fits)));
      shrink(sheet.current);
    };
    const undo = () => {
      sheet.current?.style.removeProperty('zoom');
      setLines(null);
    };
    window.addEventListener('beforeprint', layOut);
    window.addEventListener('afterprint', undo);
    return () => {
      window.removeEventListener('beforeprint', layOut);
      window.removeEventListener('afterprint', undo);
    };
  }, [sheet]);
  return lines;
}

/** Returns the largest number of lines that fits; the smallest where none does. */
export function mostThatFits(fits: (lines: number) => boolean): number {
  let [low, high] = [FEWEST_LINES, MOST_LINES];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (fits(middle)) low = middle;
    else high = middle - 1;
  }
  return low;
}

// With many orgs the verdicts alone may be too long; then the print becomes smaller.
function shrink(sheet: HTMLElement | null): void {
  const height = heightOf(sheet);
  const page = PAGE_HEIGHT_MM * MM_PX;
  if (sheet === null || height <= page) return;
  sheet.style.setProperty('zoom', String(Math.max(SMALLEST_ZOOM, page / height)));
}

function heightOf(sheet: HTMLElement | null): number {
  return sheet?.getBoundingClientRect().height ?? 0;
}

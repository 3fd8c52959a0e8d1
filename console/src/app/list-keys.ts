import { useEffect, useRef, useState } from 'react';
import { useKeys } from './keys';

interface ListKeys {
  count: number;
  /** Where the list starts: the row that the address names. */
  start: number;
  /** Opens a row. */
  onOpen: (index: number) => void;
  /** What `j`, `k` and Enter do, for the help. */
  texts: { next: string; previous: string; open: string };
  /** Called after the cursor moved by key; a page with an open flyout shows the row there. */
  onMove?: (index: number) => void;
}

/** A list that is walked with `j` and `k`: `refOf(index)` goes on the row's link or button, which gets the focus. */
export function useListKeys({ count, start, onOpen, onMove, texts }: ListKeys) {
  const [cursor, setCursor] = useState(Math.max(0, start));
  const rows = useRef(new Map<number, HTMLElement>());
  const current = Math.min(cursor, Math.max(0, count - 1));
  useEffect(() => {
    if (start >= 0) setCursor(start);
  }, [start]);

  const move = (by: number) => {
    const isAtRow = rows.current.get(current)?.contains(document.activeElement) === true;
    // The first key only takes the focus to the list, so that the first row is not skipped.
    const next = isAtRow || start >= 0 ? Math.min(count - 1, Math.max(0, current + by)) : current;
    if (next < 0) return;
    setCursor(next);
    rows.current.get(next)?.focus();
    onMove?.(next);
  };
  useKeys([
    { keys: 'j', does: texts.next, run: () => move(1) },
    { keys: 'k', does: texts.previous, run: () => move(-1) },
    { keys: 'o', does: texts.open, run: () => count > 0 && onOpen(current) },
  ]);
  const refOf = (index: number) => (element: HTMLElement | null) => {
    if (element === null) rows.current.delete(index);
    else rows.current.set(index, element);
  };
  return { cursor: current, setCursor, refOf };
}

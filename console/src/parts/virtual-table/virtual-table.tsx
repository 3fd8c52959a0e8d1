// biome-ignore-all lint/a11y/useSemanticElements: a table element sizes itself by all of its rows
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid has the focus and names its active row
import {
  type CSSProperties,
  type KeyboardEvent,
  memo,
  type ReactNode,
  useEffect,
  useId,
  useLayoutEffect,
  useRef,
  useState,
} from 'react';
import { type ListShape, scrollHeightPx, scrollToShow, windowAt } from './window';
import './virtual-table.css';

/** A column of a virtual table. */
export interface VirtualColumn<T> {
  id: string;
  label: ReactNode;
  /** Its width; the last column grows beyond it. */
  px: number;
  className?: string;
  cell: (row: T) => ReactNode;
}

/** Where a virtual table has its rows from. */
export interface Rows<T> {
  readonly rows: number | null;
  at(row: number): T | undefined;
  want(first: number, end: number): void;
}

interface VirtualTableProps<T> {
  label: string;
  columns: readonly VirtualColumn<T>[];
  source: Rows<T>;
  /** The row that the keyboard is at; null before it is at any. */
  active: number | null;
  onActive: (row: number) => void;
  /** A row was opened by click or Enter. */
  onOpen: (row: number) => void;
  isOpen: (row: T) => boolean;
}

/** The height of a row: `--row` of the tokens, which the arithmetic needs as a number. */
export const ROW_PX = 24;
const HEAD_PX = 26;

/** A table that draws only the rows in view. The grid has one tab stop; arrows, Home, End and the page keys move in it. */
export function VirtualTable<T>(props: VirtualTableProps<T>) {
  const { label, columns, source, active, onActive, onOpen, isOpen } = props;
  const id = useId();
  const scroller = useRef<HTMLDivElement>(null);
  const [scrollTop, setScrollTop] = useState(0);
  const [clientPx, setClientPx] = useState(600);
  const rows = source.rows ?? 0;
  const shape: ListShape = { rows, rowPx: ROW_PX, viewportPx: Math.max(ROW_PX, clientPx - HEAD_PX) };
  const seen = windowAt(scrollTop, shape);

  useClientHeight(scroller, setClientPx);
  useEffect(() => source.want(seen.first, seen.end), [source, seen.first, seen.end]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: only a move of the active row scrolls; rows that arrive must not
  useLayoutEffect(() => {
    const element = scroller.current;
    if (element === null || active === null) return;
    const top = scrollToShow(active, element.scrollTop, shape);
    if (top !== element.scrollTop) element.scrollTop = top;
  }, [active, rows > 0]);

  const onKeyDown = (event: KeyboardEvent) => {
    const target = targetOf(event, active, rows, Math.floor(shape.viewportPx / ROW_PX));
    if (event.key === 'Enter' && event.target === event.currentTarget && active !== null) onOpen(active);
    else if (target !== null) onActive(target);
    else return;
    event.preventDefault();
  };
  const layout = {
    '--columns': columns
      .map((column, at) => (at === columns.length - 1 ? `minmax(${column.px}px, 1fr)` : `${column.px}px`))
      .join(' '),
    '--columns-px': `${columns.reduce((sum, column) => sum + column.px, 0)}px`,
  } as CSSProperties;

  return (
    <div
      ref={scroller}
      className="vtable"
      role="grid"
      aria-label={label}
      aria-rowcount={rows + 1}
      aria-colcount={columns.length}
      aria-activedescendant={
        active !== null && active >= seen.first && active < seen.end ? `${id}-${active}` : undefined
      }
      tabIndex={0}
      style={layout}
      onScroll={(event) => setScrollTop(event.currentTarget.scrollTop)}
      onKeyDown={onKeyDown}
    >
      <div role="rowgroup" className="vtable-head">
        <div role="row" aria-rowindex={1} className="vtable-row">
          {columns.map((column) => (
            <div key={column.id} role="columnheader" className={`vtable-cell ${column.className ?? ''}`}>
              {column.label}
            </div>
          ))}
        </div>
      </div>
      <div role="rowgroup" className="vtable-body" style={{ blockSize: scrollHeightPx(shape) }}>
        <div
          role="presentation"
          className="vtable-window"
          style={{ transform: `translateY(${seen.topPx}px)` }}
        >
          {Array.from({ length: seen.end - seen.first }, (_, offset) => seen.first + offset).map((number) => {
            const row = source.at(number);
            return (
              <Row
                key={number}
                id={`${id}-${number}`}
                number={number}
                row={row}
                columns={columns}
                isActive={number === active}
                isOpen={row !== undefined && isOpen(row)}
                onOpen={onOpen}
              />
            );
          })}
        </div>
      </div>
    </div>
  );
}

interface RowProps<T> {
  id: string;
  number: number;
  row: T | undefined;
  columns: readonly VirtualColumn<T>[];
  isActive: boolean;
  isOpen: boolean;
  onOpen: (row: number) => void;
}

const Row = memo(function Row<T>({ id, number, row, columns, isActive, isOpen, onOpen }: RowProps<T>) {
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the grid has the keyboard
    <div
      id={id}
      role="row"
      aria-rowindex={number + 2}
      aria-selected={isOpen}
      className={`vtable-row${isActive ? ' vtable-active' : ''}`}
      onClick={() => {
        // Marking text in a cell is no click on the row.
        if (document.getSelection()?.isCollapsed !== false) onOpen(number);
      }}
    >
      {columns.map((column) => (
        <div key={column.id} role="gridcell" className={`vtable-cell ${column.className ?? ''}`}>
          {row === undefined ? <span className="vtable-wait">…</span> : column.cell(row)}
        </div>
      ))}
    </div>
  );
}) as <T>(props: RowProps<T>) => ReactNode;

/** Returns the row that a key goes to; null where it goes nowhere. */
function targetOf(event: KeyboardEvent, active: number | null, rows: number, page: number): number | null {
  if (event.target !== event.currentTarget || event.ctrlKey || event.metaKey || event.altKey || rows === 0)
    return null;
  const from = active ?? -1;
  const moves: Record<string, number> = {
    ArrowDown: from + 1,
    ArrowUp: from - 1,
    PageDown: from + page,
    PageUp: from - page,
    Home: 0,
    End: rows - 1,
  };
  const target = moves[event.key];
  return target === undefined ? null : Math.min(Math.max(target, 0), rows - 1);
}

function useClientHeight(scroller: { current: HTMLElement | null }, onChange: (px: number) => void): void {
  useLayoutEffect(() => {
    const element = scroller.current;
    if (element === null) return;
    onChange(element.clientHeight);
    const observer = new ResizeObserver(() => onChange(element.clientHeight));
    observer.observe(element);
    return () => observer.disconnect();
  }, [scroller, onChange]);
}

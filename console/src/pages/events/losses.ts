import type { Coverage, TableCoverage } from '../../parts/coverage-strip/types';
import type { LostStretch } from '../../parts/histogram/histogram';

/** What was searched, for beside an answer. */
export interface Searched {
  orgs: number;
  tables: number;
  events: number;
  /** Lost stretches that touch the range, earliest first. */
  lost: (LostStretch & { from: string; to: string })[];
}

/** A half-open range; null is open. */
interface Range {
  fromMs: number | null;
  toMs: number | null;
}

/** Returns what of the coverage lies in a range. Events are counted by whole days, which is what the coverage knows. */
export function searchedIn(coverage: Coverage, range: Range, orgs: readonly string[]): Searched {
  const tables = coverage.orgs
    .filter((org) => orgs.length === 0 || orgs.includes(org.org))
    .flatMap((org) => org.tables);
  const filled = tables.filter((table) => eventsIn(table, range) > 0);
  return {
    orgs: new Set(filled.map((table) => table.org)).size,
    tables: filled.length,
    events: filled.reduce((sum, table) => sum + eventsIn(table, range), 0),
    lost: lostIn(tables, range),
  };
}

/** Returns the stretches of lost data that touch a range, earliest first. */
export function lostIn(tables: readonly TableCoverage[], range: Range): Searched['lost'] {
  return tables
    .flatMap((table) =>
      table.gaps.map((gap) => ({
        org: table.org,
        table: table.table,
        from: gap.from,
        to: gap.to,
        fromMs: Date.parse(gap.from),
        toMs: Date.parse(gap.to),
      })),
    )
    .filter((gap) => touches(gap.fromMs, gap.toMs, range))
    .sort((a, b) => a.fromMs - b.fromMs);
}

const DAY_MS = 86_400_000;

function eventsIn(table: TableCoverage, range: Range): number {
  return table.days
    .filter(({ day }) => {
      const start = Date.parse(`${day}T00:00:00Z`);
      return touches(start, start + DAY_MS, range);
    })
    .reduce((sum, { events }) => sum + events, 0);
}

function touches(fromMs: number, toMs: number, range: Range): boolean {
  return (range.toMs === null || fromMs < range.toMs) && (range.fromMs === null || toMs > range.fromMs);
}

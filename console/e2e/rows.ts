import type { Page } from '@playwright/test';

const START_MS = Date.parse('2025-10-27T00:00:00Z');
const END_MS = Date.parse('2025-11-24T00:00:00Z');
const WIDTHS_MS = [1_000, 10_000, 60_000, 600_000, 3_600_000, 21_600_000, 86_400_000];

/**
 * Lets the page search a store of any number of invented rows, the newest first. Half of them lie in one hour, as bulk
 * pulls do. Row `n` says so in its `query`.
 */
export async function serveRows(page: Page, rows: number): Promise<void> {
  const timeOf = timesOf(rows);
  await page.route('**/api/v1/events/facets*', (route) =>
    route.fulfill({ json: { facets: [], total: rows, took_ms: 1 } }),
  );
  await page.route('**/api/v1/events/histogram*', (route) => {
    const query = new URL(route.request().url()).searchParams;
    const [first, end] = within(rows, timeOf, query);
    const from = Date.parse(query.get('from') ?? '') || timeOf(Math.max(first, end - 1));
    const to = Date.parse(query.get('to') ?? '') || timeOf(first) + 1;
    const width = WIDTHS_MS.find((ms) => (to - from) / ms <= 120) ?? 86_400_000;
    const start = Math.floor(from / width) * width;
    const buckets = Array.from({ length: Math.ceil((to - start) / width) }, (_, bucket) => {
      const early = Math.max(start + bucket * width, from);
      const late = Math.min(start + (bucket + 1) * width, to);
      return firstBefore(rows, timeOf, early) - firstBefore(rows, timeOf, late);
    });
    return route.fulfill({
      json: {
        from: new Date(start).toISOString(),
        to: new Date(start + buckets.length * width).toISOString(),
        bucket_ms: width,
        buckets,
        total: end - first,
        undated: 0,
        took_ms: 1,
      },
    });
  });
  await page.route('**/api/v1/events?*', (route) => {
    const query = new URL(route.request().url()).searchParams;
    const [first, end] = within(rows, timeOf, query);
    const start = Number(query.get('cursor') ?? first);
    const stop = Math.min(start + Number(query.get('limit') ?? 100), end);
    const items = Array.from({ length: stop - start }, (_, offset) =>
      event(start + offset, timeOf(start + offset)),
    );
    return route.fulfill({
      json: { items, next_cursor: stop < end ? String(stop) : null, updated_at: 'x', took_ms: 1 },
    });
  });
}

/** Returns the time of each row; numbers rise as times fall. */
function timesOf(rows: number): (row: number) => number {
  const bulkStart = Date.parse('2025-11-14T17:00:00Z');
  const quarter = Math.floor(rows / 4);
  const half = rows - 2 * quarter;
  return (row) => {
    if (row < quarter) return END_MS - 1 - Math.floor((row * (END_MS - bulkStart - 3_600_000)) / quarter);
    if (row < quarter + half) return bulkStart + 3_599_999 - Math.floor(((row - quarter) * 3_599_999) / half);
    return bulkStart - 1 - Math.floor(((row - quarter - half) * (bulkStart - START_MS - 1)) / quarter);
  };
}

/** Returns the first row that is older than a time. */
function firstBefore(rows: number, timeOf: (row: number) => number, ms: number): number {
  let [low, high] = [0, rows];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (timeOf(middle) < ms) high = middle;
    else low = middle + 1;
  }
  return low;
}

function within(rows: number, timeOf: (row: number) => number, query: URLSearchParams): [number, number] {
  const from = Date.parse(query.get('from') ?? '');
  const to = Date.parse(query.get('to') ?? '');
  return [
    Number.isNaN(to) ? 0 : firstBefore(rows, timeOf, to),
    Number.isNaN(from) ? rows : firstBefore(rows, timeOf, from),
  ];
}

function event(row: number, ms: number) {
  return {
    event_uid: row.toString(16).padStart(32, '0'),
    time: new Date(ms).toISOString(),
    org: 'kaede-japan',
    table: 'salesforce.ApiEvent',
    action: 'Query',
    actor: 'tsumugi.integration@kaede.example',
    src_ip: '192.0.2.7',
    app: 'Tsumugi Connect',
    object: 'Case',
    rows: row,
    query: `row ${row}`,
  };
}

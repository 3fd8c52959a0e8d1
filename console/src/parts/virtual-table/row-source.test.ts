import { describe, expect, it } from 'vitest';
import { type Fetcher, RowSource } from './row-source';
import { type Buckets, CHUNK_ROWS } from './segments';

interface Row {
  id: number;
  ms: number;
}

const MINUTE = 60_000;

/** A store whose rows are bunched: most of them lie in one hour, as bulk pulls do. */
function store(rows: number) {
  const all: Row[] = Array.from({ length: rows }, (_, id) => ({
    id,
    ms: id % 10 === 0 ? id * 20_000 : 1_000_000_000 + Math.floor(id / 4) * 100,
  })).sort((a, b) => b.ms - a.ms || b.id - a.id);
  let requests = 0;
  const within = (fromMs: number | null, toMs: number | null) =>
    all.filter((row) => (fromMs === null || row.ms >= fromMs) && (toMs === null || row.ms < toMs));
  const bucketsOf = (fromMs: number | null, toMs: number | null, count = 120): Buckets => {
    const found = within(fromMs, toMs);
    const first = found.at(-1)?.ms ?? 0;
    const last = (found[0]?.ms ?? 0) + 1;
    const bucketMs = Math.max(1_000, Math.ceil((last - first) / count / 1_000) * 1_000);
    const start = Math.floor(first / bucketMs) * bucketMs;
    const counts = new Array<number>(Math.ceil((last - start) / bucketMs)).fill(0);
    for (const row of found) {
      const bucket = Math.floor((row.ms - start) / bucketMs);
      counts[bucket] = (counts[bucket] ?? 0) + 1;
    }
    return { fromMs: start, bucketMs, counts };
  };
  const fetcher: Fetcher<Row> = {
    page: async (stretch, cursor) => {
      requests += 1;
      const found = within(stretch.fromMs, stretch.toMs);
      const start = Number(cursor ?? 0);
      const end = start + CHUNK_ROWS;
      return { items: found.slice(start, end), nextCursor: end < found.length ? String(end) : null };
    },
    buckets: async (stretch) => {
      requests += 1;
      return bucketsOf(stretch.fromMs, stretch.toMs);
    },
  };
  return { all, fetcher, buckets: () => bucketsOf(null, null), requests: () => requests };
}

async function settle(source: RowSource<Row>, row: number): Promise<Row | undefined> {
  for (let turn = 0; turn < 400 && source.at(row) === undefined; turn += 1) {
    source.want(row, row + 30);
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
  return source.at(row);
}

const open = { fromMs: null, toMs: null };

describe('a source of 60,000 rows', () => {
  it('gives the right row wherever one jumps, with few requests', async () => {
    const { all, fetcher, buckets, requests } = store(60_000);
    const source = new RowSource(fetcher, open, 'desc');
    source.start();
    source.locate(buckets(), 0);
    expect(source.rows).toBe(60_000);
    const jumps = [0, 199, 200, 59_999, 30_000, 12_345, 47_011, 5, 54_321];
    for (const row of jumps) expect((await settle(source, row))?.id).toBe(all[row]?.id);
    // Turning pages from the start would take 300 requests for the last row alone.
    expect(requests()).toBeLessThan(jumps.length * 14);
    expect(source.isStale).toBe(false);
    source.stop();
  });

  it('finds an event by its time', async () => {
    const { all, fetcher, buckets } = store(20_000);
    const source = new RowSource(fetcher, open, 'desc');
    source.start();
    source.locate(buckets(), 0);
    const row = 15_000;
    const sought = all[row] as Row;
    expect(await source.find(sought.ms, (item) => item.id === sought.id, 20_000)).toBe(row);
    expect(await source.find(sought.ms, () => false, 300)).toBeNull();
    source.stop();
  });

  it('shows the first page before the histogram is here', async () => {
    const { all, fetcher } = store(1_000);
    const source = new RowSource(fetcher, open, 'desc');
    expect(source.rows).toBeNull();
    source.start();
    await new Promise((resolve) => setTimeout(resolve, 0));
    expect(source.rows).toBe(CHUNK_ROWS);
    expect(source.at(3)).toEqual(all[3]);
    source.stop();
  });
});

describe('trouble', () => {
  it('is said and not repeated by itself', async () => {
    let calls = 0;
    const fetcher: Fetcher<Row> = {
      page: async () => {
        calls += 1;
        throw new Error('gone');
      },
      buckets: async () => null,
    };
    const source = new RowSource(fetcher, open, 'desc');
    source.start();
    source.locate({ fromMs: 0, bucketMs: MINUTE, counts: [500] }, 0);
    source.want(0, 30);
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(source.error).toBeInstanceOf(Error);
    expect(calls).toBeLessThanOrEqual(3);
    source.stop();
  });

  it('tells that the store changed when pages end early', async () => {
    const fetcher: Fetcher<Row> = {
      page: async () => ({ items: [{ id: 1, ms: 1 }], nextCursor: null }),
      buckets: async () => null,
    };
    const source = new RowSource(fetcher, open, 'desc');
    source.locate({ fromMs: 0, bucketMs: MINUTE, counts: [500] }, 0);
    source.want(0, 500);
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(source.isStale).toBe(true);
    expect(source.at(400)).toBeUndefined();
    source.stop();
  });

  it('is silent after it was stopped', async () => {
    const { fetcher } = store(1_000);
    const source = new RowSource(fetcher, open, 'desc');
    let told = 0;
    source.subscribe(() => {
      told += 1;
    });
    source.start();
    source.stop();
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(told).toBe(0);
  });
});

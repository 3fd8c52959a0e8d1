import { describe, expect, it } from 'vitest';
import {
  type Buckets,
  CHUNK_ROWS,
  chunksFor,
  refine,
  rowCount,
  type Segment,
  segmentAt,
  segmentOfTime,
  segmentsOf,
} from './segments';

const HOUR = 3_600_000;
const open = { fromMs: null, toMs: null };
const buckets = (counts: number[], fromMs = 0, bucketMs = HOUR): Buckets => ({ fromMs, bucketMs, counts });

function isWhole(segments: readonly Segment[]): boolean {
  let offset = 0;
  return segments.every((segment) => {
    const fits = segment.offset === offset;
    offset += segment.rows;
    return fits;
  });
}

describe('segments', () => {
  it('count every row once, in the order asked for', () => {
    const counts = [5, 0, 900, 3, 70, 60, 0, 200];
    for (const order of ['asc', 'desc'] as const) {
      const segments = segmentsOf(buckets(counts), open, 4, order);
      expect(rowCount(segments)).toBe(counts.reduce((a, b) => a + b) + 4);
      expect(isWhole(segments)).toBe(true);
      expect(segments.at(-1)?.isUndated).toBe(true);
    }
  });

  it('reach the open ends and touch each other', () => {
    const segments = segmentsOf(buckets([300, 300, 300]), open, 0, 'desc');
    expect(segments.map((segment) => [segment.fromMs, segment.toMs])).toEqual([
      [2 * HOUR, null],
      [HOUR, 2 * HOUR],
      [null, HOUR],
    ]);
  });

  it('stay inside the range that was asked for', () => {
    const bounds = { fromMs: HOUR / 2, toMs: 2.5 * HOUR };
    const segments = segmentsOf(buckets([300, 300, 300]), bounds, 0, 'asc');
    expect(segments.map((segment) => [segment.fromMs, segment.toMs])).toEqual([
      [HOUR / 2, HOUR],
      [HOUR, 2 * HOUR],
      [2 * HOUR, 2.5 * HOUR],
    ]);
  });

  it('join thin buckets', () => {
    expect(segmentsOf(buckets(new Array(120).fill(1)), open, 0, 'asc')).toHaveLength(1);
  });

  it('find a row and a time', () => {
    const segments = segmentsOf(buckets([300, 0, 500]), open, 2, 'asc');
    for (const row of [0, 299, 300, 799, 800, 801]) {
      const segment = segmentAt(segments, row);
      expect(segment && row >= segment.offset && row < segment.offset + segment.rows).toBe(true);
    }
    expect(segmentAt(segments, 802)).toBeNull();
    expect(segmentOfTime(segments, 2.2 * HOUR)?.rows).toBe(500);
    expect(segmentOfTime(segments, 99 * HOUR)?.rows).toBe(500);
  });

  it('ask for the pages that are seen, across borders', () => {
    const segments = segmentsOf(buckets([300, 500]), open, 0, 'asc');
    const chunks = chunksFor(segments, 190, 310);
    expect(chunks.map((chunk) => [chunk.segment.offset, chunk.number])).toEqual([
      [0, 0],
      [0, 1],
      [300, 0],
    ]);
    expect(chunksFor(segments, 795, 900)).toHaveLength(1);
    expect(CHUNK_ROWS).toBe(200);
  });
});

describe('refining', () => {
  const segments = segmentsOf(buckets([10_000, 300]), open, 0, 'asc');
  const thick = segments[0] as Segment;

  it('cuts a thick stretch and keeps the numbers of all rows', () => {
    const finer = buckets(
      new Array(60).fill(0).map((_, i) => (i < 50 ? 200 : 0)),
      0,
      60_000,
    );
    const cut = refine(segments, thick, finer, 'asc');
    expect(cut.length).toBeGreaterThan(40);
    expect(rowCount(cut)).toBe(10_300);
    expect(isWhole(cut)).toBe(true);
  });

  it('does not trust a histogram that counts other rows', () => {
    expect(refine(segments, thick, buckets([1, 2], 0, 60_000), 'asc')).toEqual(segments);
  });
});

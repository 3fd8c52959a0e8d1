/**
 * Finds rows by their number although the API pages by cursor: the histogram says how many rows each stretch of time has,
 * so a jump in the scroll bar starts at the stretch that holds the row, not at the first page.
 */

/** Rows fetched at once. */
export const CHUNK_ROWS = 200;

/** A stretch is made of as many buckets as this many rows need, so that few rows do not cost many requests. */
const TARGET_ROWS = CHUNK_ROWS;

/** A row this far inside its stretch is worth a finer histogram before pages are turned to reach it. */
export const REFINE_ROWS = 8 * CHUNK_ROWS;

/** A histogram as the API gives it, with its times in milliseconds. */
export interface Buckets {
  fromMs: number;
  bucketMs: number;
  counts: readonly number[];
}

/** A stretch of time whose rows are fetched by turning pages from its start. */
export interface Segment {
  /** Null where the stretch is open to the past. */
  fromMs: number | null;
  /** Outside; null where the stretch is open to the future. */
  toMs: number | null;
  /** Number of its first row in the whole result. */
  offset: number;
  rows: number;
  /** Rows without a time, which no stretch of time holds. */
  isUndated: boolean;
}

/** The range that was asked for; open where nothing was. */
export interface Bounds {
  fromMs: number | null;
  toMs: number | null;
}

/** A page to fetch: the nth of a segment. */
export interface Chunk {
  segment: Segment;
  number: number;
}

/** Returns the stretches of a result in the order of its rows. */
export function segmentsOf(
  buckets: Buckets,
  bounds: Bounds,
  undated: number,
  order: 'asc' | 'desc',
): Segment[] {
  const dated = stretches(buckets, bounds, order);
  const total = dated.reduce((sum, segment) => sum + segment.rows, 0);
  if (undated === 0) return dated;
  return [...dated, { fromMs: null, toMs: null, offset: total, rows: undated, isUndated: true }];
}

/** Returns the segments with one of them cut by a finer histogram; unchanged where that has other rows than known. */
export function refine(
  segments: readonly Segment[],
  which: Segment,
  finer: Buckets,
  order: 'asc' | 'desc',
): Segment[] {
  const parts = stretches(finer, which, order).map((part) => ({
    ...part,
    offset: part.offset + which.offset,
  }));
  const rows = parts.reduce((sum, part) => sum + part.rows, 0);
  if (rows !== which.rows || parts.length < 2) return [...segments];
  return segments.flatMap((segment) => (segment === which ? parts : [segment]));
}

/** Returns how many rows the segments hold. */
export function rowCount(segments: readonly Segment[]): number {
  const last = segments.at(-1);
  return last ? last.offset + last.rows : 0;
}

/** Returns the segment that holds a row; null outside. */
export function segmentAt(segments: readonly Segment[], row: number): Segment | null {
  let low = 0;
  let high = segments.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const segment = segments[middle];
    if (!segment) return null;
    if (row < segment.offset) high = middle - 1;
    else if (row >= segment.offset + segment.rows) low = middle + 1;
    else return segment;
  }
  return null;
}

/** Returns the segment that holds a time, or the undated one for none; null where there is none. */
export function segmentOfTime(segments: readonly Segment[], timeMs: number | null): Segment | null {
  const holds = (segment: Segment) =>
    timeMs === null
      ? segment.isUndated
      : !segment.isUndated &&
        (segment.fromMs === null || timeMs >= segment.fromMs) &&
        (segment.toMs === null || timeMs < segment.toMs);
  return segments.find(holds) ?? null;
}

/** Returns the pages that hold rows `first..end`, in order. */
export function chunksFor(segments: readonly Segment[], first: number, end: number): Chunk[] {
  const chunks: Chunk[] = [];
  let row = first;
  while (row < end) {
    const segment = segmentAt(segments, row);
    if (!segment) break;
    const number = Math.floor((row - segment.offset) / CHUNK_ROWS);
    chunks.push({ segment, number });
    row = Math.min(segment.offset + (number + 1) * CHUNK_ROWS, segment.offset + segment.rows);
  }
  return chunks;
}

/** Returns a name of a segment that stays the same when others are refined. */
export function segmentKey(segment: Segment): string {
  return segment.isUndated ? 'undated' : `${segment.fromMs ?? ''}/${segment.toMs ?? ''}`;
}

function stretches(buckets: Buckets, bounds: Bounds, order: 'asc' | 'desc'): Segment[] {
  const found: Segment[] = [];
  let open: { first: number; last: number; rows: number } | null = null;
  let offset = 0;
  const close = () => {
    if (!open) return;
    found.push({
      ...edges(buckets, open.first, open.last, bounds),
      offset,
      rows: open.rows,
      isUndated: false,
    });
    offset += open.rows;
    open = null;
  };
  const count = buckets.counts.length;
  for (let step = 0; step < count; step += 1) {
    const bucket = order === 'desc' ? count - 1 - step : step;
    const rows = buckets.counts[bucket] ?? 0;
    // A full bucket starts a stretch of its own, so that jumps into it start at its edge.
    if (open !== null && (open as { rows: number }).rows + rows > TARGET_ROWS) close();
    const before = open as { first: number; last: number; rows: number } | null;
    open = before
      ? {
          first: Math.min(before.first, bucket),
          last: Math.max(before.last, bucket),
          rows: before.rows + rows,
        }
      : { first: bucket, last: bucket, rows };
  }
  close();
  return found;
}

// The outermost stretches reach as far as the question, not only as far as the histogram was drawn.
function edges(buckets: Buckets, first: number, last: number, bounds: Bounds): Bounds {
  const from = buckets.fromMs + first * buckets.bucketMs;
  const to = buckets.fromMs + (last + 1) * buckets.bucketMs;
  return {
    fromMs: first === 0 ? bounds.fromMs : Math.max(from, bounds.fromMs ?? from),
    toMs: last === buckets.counts.length - 1 ? bounds.toMs : Math.min(to, bounds.toMs ?? to),
  };
}

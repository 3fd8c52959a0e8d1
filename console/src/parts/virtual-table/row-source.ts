import {
  type Bounds,
  type Buckets,
  CHUNK_ROWS,
  type Chunk,
  chunksFor,
  REFINE_ROWS,
  refine,
  rowCount,
  type Segment,
  segmentKey,
  segmentOfTime,
  segmentsOf,
} from './segments';

/** A page of rows with what leads to the next one. */
export interface RowPage<T> {
  items: T[];
  nextCursor: string | null;
}

/** Where rows come from. */
export interface Fetcher<T> {
  /** Returns the page of a stretch at a cursor; the first one without. */
  page(
    stretch: Bounds & { isUndated: boolean },
    cursor: string | null,
    signal: AbortSignal,
  ): Promise<RowPage<T>>;
  /** Returns how the rows of a stretch lie in time, or null where there is nothing to say. */
  buckets(stretch: Bounds, signal: AbortSignal): Promise<Buckets | null>;
}

/** Pages kept: 80 of 200 rows are some 20 MB, and what falls out is fetched again. */
const MAX_CHUNKS = 80;

/** Requests under way at once: more would only queue in a store that reads with every core anyway. */
const MAX_REQUESTS = 2;

/** Stretches no wider than this are not cut finer: it is the smallest bucket that the API has. */
const FINEST_MS = 1_000;

/** The rows of one search by their number, fetched as they are looked at. */
export class RowSource<T> {
  /** Counts changes; a view draws again when it differs. */
  version = 0;
  /** The last thing that went wrong. */
  error: unknown = null;
  /** True where the store holds other rows than it counted: it changed meanwhile. */
  isStale = false;

  private segments: Segment[] = [];
  private head: T[] | null = null;
  private headIsAll = false;
  private readonly chunks = new Map<string, T[]>();
  private readonly cursors = new Map<string, (string | null)[]>();
  private readonly pending = new Set<string>();
  private readonly refined = new Set<string>();
  private wanted: [number, number] = [0, 0];
  private readonly listeners = new Set<() => void>();
  private readonly abort = new AbortController();

  constructor(
    private readonly fetcher: Fetcher<T>,
    private readonly bounds: Bounds,
    private readonly order: 'asc' | 'desc',
  ) {}

  /** Fetches the first page, which needs no histogram. */
  start(): void {
    this.run('head', async (signal) => {
      const page = await this.fetcher.page({ ...this.bounds, isUndated: false }, null, signal);
      this.head = page.items;
      this.headIsAll = page.nextCursor === null;
    });
  }

  /** Takes the histogram of the whole search, by which rows further down are found. */
  locate(buckets: Buckets | null, undated: number): void {
    const none: Buckets = { fromMs: 0, bucketMs: 1, counts: [] };
    this.segments = segmentsOf(buckets ?? none, this.bounds, undated, this.order);
    this.changed();
    this.pump();
  }

  /** Stops every request; the source is done with. */
  stop(): void {
    this.abort.abort();
    this.listeners.clear();
  }

  /** Calls back after every change until the returned function is called. */
  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** Returns how many rows there are; null while that is not known. */
  get rows(): number | null {
    if (this.headIsAll && this.head !== null) return this.head.length;
    if (this.segments.length > 0) return Math.max(rowCount(this.segments), this.head?.length ?? 0);
    return this.head?.length ?? null;
  }

  /** Returns a row; undefined while it is not here. */
  at(row: number): T | undefined {
    const fromHead = this.head?.[row];
    if (fromHead !== undefined) return fromHead;
    const [chunk] = chunksFor(this.segments, row, row + 1);
    if (!chunk) return undefined;
    const items = this.chunks.get(keyOf(chunk));
    return items?.[row - chunk.segment.offset - chunk.number * CHUNK_ROWS];
  }

  /** Asks again for what could not be had. */
  retry(): void {
    this.error = null;
    if (this.head === null) this.start();
    this.changed();
    this.pump();
  }

  /** Says which rows are looked at, so that they are fetched. */
  want(first: number, end: number): void {
    this.wanted = [first, end];
    this.pump();
  }

  /** Returns the number of the first row that `isIt`, looking into a stretch of time from its start; null where none is. */
  async find(timeMs: number | null, isIt: (row: T) => boolean, mostRows: number): Promise<number | null> {
    const inHead = this.head?.findIndex(isIt) ?? -1;
    if (inHead >= 0) return inHead;
    const first = segmentOfTime(this.segments, timeMs)?.offset ?? null;
    if (first === null) return null;
    const end = Math.min(first + mostRows, this.rows ?? 0);
    for (let row = first; row < end; row += 1) {
      const item = this.at(row) ?? (await this.fetched(row));
      if (item !== undefined && isIt(item)) return row;
      if (this.abort.signal.aborted || this.error !== null) return null;
    }
    return null;
  }

  private async fetched(row: number): Promise<T | undefined> {
    const [chunk] = chunksFor(this.segments, row, row + 1);
    if (!chunk) return undefined;
    this.want(row, row + 1);
    await new Promise<void>((resolve) => {
      const settled = () => {
        if (this.chunks.has(keyOf(chunk)) || this.error !== null || this.abort.signal.aborted) {
          stop();
          resolve();
        }
      };
      const stop = this.subscribe(settled);
      settled();
    });
    return this.at(row);
  }

  private pump(): void {
    if (this.abort.signal.aborted || this.headIsAll) return;
    for (const chunk of chunksFor(this.segments, ...this.wanted)) {
      if (this.pending.size >= MAX_REQUESTS) return;
      const isInHead = chunk.segment.offset + (chunk.number + 1) * CHUNK_ROWS <= (this.head?.length ?? 0);
      if (isInHead || this.touch(keyOf(chunk))) continue;
      this.fetchTowards(chunk);
    }
  }

  /** Fetches the page, or what must be known before it can be. */
  private fetchTowards(chunk: Chunk): void {
    const key = segmentKey(chunk.segment);
    const known = this.cursors.get(key) ?? [null];
    const number = Math.min(chunk.number, known.length - 1);
    const missing = (chunk.number - number) * CHUNK_ROWS;
    if (missing >= REFINE_ROWS && this.canRefine(chunk.segment)) {
      this.refined.add(key);
      this.run(`refine ${key}`, async (signal) => {
        const finer = await this.fetcher.buckets(chunk.segment, signal);
        if (finer !== null) this.segments = refine(this.segments, chunk.segment, finer, this.order);
      });
      return;
    }
    const cursor = known[number] ?? null;
    this.run(`${key}#${number}`, async (signal) => {
      const page = await this.fetcher.page(chunk.segment, cursor, signal);
      this.keep({ segment: chunk.segment, number }, page);
    });
  }

  private canRefine(segment: Segment): boolean {
    if (segment.isUndated || this.refined.has(segmentKey(segment))) return false;
    return segment.fromMs === null || segment.toMs === null || segment.toMs - segment.fromMs > FINEST_MS;
  }

  private keep(chunk: Chunk, page: RowPage<T>): void {
    const key = segmentKey(chunk.segment);
    const known = [...(this.cursors.get(key) ?? [null])];
    const isLast = (chunk.number + 1) * CHUNK_ROWS >= chunk.segment.rows;
    if (!isLast && page.nextCursor === null) this.isStale = true;
    if (page.nextCursor !== null) known[chunk.number + 1] = page.nextCursor;
    else if (!isLast) known.length = chunk.number + 1;
    this.cursors.set(key, known);
    this.chunks.set(keyOf(chunk), page.items);
    for (const oldest of this.chunks.keys()) {
      if (this.chunks.size <= MAX_CHUNKS) break;
      this.chunks.delete(oldest);
    }
    // Pages that do not exist although they were counted are empty, so that nobody asks for them for ever.
    if (!isLast && page.nextCursor === null) this.emptyBehind(chunk);
  }

  private emptyBehind(chunk: Chunk): void {
    const pages = Math.ceil(chunk.segment.rows / CHUNK_ROWS);
    for (let number = chunk.number + 1; number < pages && this.chunks.size < 2 * MAX_CHUNKS; number += 1) {
      this.chunks.set(keyOf({ segment: chunk.segment, number }), []);
    }
  }

  /** Returns whether a page is here, and makes it the newest. */
  private touch(key: string): boolean {
    const items = this.chunks.get(key);
    if (items === undefined) return false;
    this.chunks.delete(key);
    this.chunks.set(key, items);
    return true;
  }

  private run(name: string, work: (signal: AbortSignal) => Promise<void>): void {
    if (this.pending.has(name)) return;
    this.pending.add(name);
    work(this.abort.signal)
      .then(
        () => {
          this.error = null;
        },
        (error: unknown) => {
          this.error = error;
        },
      )
      .finally(() => {
        this.pending.delete(name);
        if (this.abort.signal.aborted) return;
        this.changed();
        // After an error nothing is asked again by itself: the next scroll or the button does.
        if (this.error === null) this.pump();
      });
  }

  private changed(): void {
    this.version += 1;
    for (const listener of [...this.listeners]) listener();
  }
}

function keyOf(chunk: Chunk): string {
  return `${segmentKey(chunk.segment)}#${chunk.number}`;
}

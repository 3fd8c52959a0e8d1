import { keepPreviousData, queryOptions, useQuery } from '@tanstack/react-query';
import { useEffect, useMemo, useState, useSyncExternalStore } from 'react';
import { get } from '../../api/client';
import { statusQuery } from '../../api/queries';
import type { Event, EventPage, Facets, FieldInfo, Histogram } from '../../api/types';
import type { Coverage } from '../../parts/coverage-strip/types';
import { append } from '../../parts/query-bar/terms';
import { type Fetcher, RowSource } from '../../parts/virtual-table/row-source';
import { type Bounds, type Buckets, CHUNK_ROWS } from '../../parts/virtual-table/segments';
import type { EventsSearch } from './search';
import { type Anchors, iso, type RangeText, resolve } from './time-range';

/** Which events are meant, with absolute times, as the API takes it. */
export interface Filter {
  q?: string;
  from?: string;
  to?: string;
  org?: string[];
}

/** Fields counted beside the table, in the order shown. */
export const FACET_FIELDS = 'org,table,actor,app,src_ip,user_agent,object,action,outcome,country';

/** Bars of the histogram: as many as fit a laptop with some pixels each. */
const BUCKETS = 120;

/** Returns what relative times count from; `nowMs` stays as it was when the page came, so that nothing moves by itself. */
export function useAnchors(): Anchors | null {
  const { data: status } = useQuery(statusQuery);
  return useMemo(() => {
    if (status === undefined) return null;
    const ms = (text: string | null) => (text === null ? null : Date.parse(text));
    return { nowMs: Date.now(), dataFromMs: ms(status.from), dataToMs: ms(status.to) };
  }, [status]);
}

/** Returns the range of an address. */
export function rangeOf(search: EventsSearch): RangeText {
  return { from: search.from ?? null, to: search.to ?? null };
}

/** Returns the filter of an address with its times made absolute. */
export function filterOf(search: EventsSearch, anchors: Anchors): Filter {
  const { fromMs, toMs } = resolve(rangeOf(search), anchors);
  // A time that is absolute goes on with all its digits; milliseconds would cut an event off.
  const exact = (text: string | undefined, ms: number | null) =>
    ms === null ? undefined : text !== undefined && /^\d/.test(text) ? text : iso(ms);
  return {
    q: search.q,
    from: exact(search.from, fromMs),
    to: exact(search.to, toMs),
    org: search.org,
  };
}

/** The histogram of a search. */
export const histogramQuery = (filter: Filter | null) =>
  queryOptions({
    queryKey: ['histogram', filter],
    queryFn: ({ signal }) => get<Histogram>('/events/histogram', { ...filter, buckets: BUCKETS }, signal),
    enabled: filter !== null,
    placeholderData: keepPreviousData,
  });

/** The facets of a search. */
export const facetsQuery = (filter: Filter | null) =>
  queryOptions({
    queryKey: ['facets', filter],
    queryFn: ({ signal }) => get<Facets>('/events/facets', { ...filter, fields: FACET_FIELDS }, signal),
    enabled: filter !== null,
    placeholderData: keepPreviousData,
  });

/** The fields that a search can name. */
export const fieldsQuery = queryOptions({
  queryKey: ['fields'],
  queryFn: ({ signal }) => get<{ fields: FieldInfo[] }>('/events/fields', {}, signal),
  staleTime: Number.POSITIVE_INFINITY,
});

/** What of every org and table was searched. */
export const coverageQuery = queryOptions({
  queryKey: ['coverage'],
  queryFn: ({ signal }) => get<Coverage>('/coverage', {}, signal),
});

/** Returns the rows of a search, drawn anew whenever some arrive. */
export function useRows(
  filter: Filter | null,
  order: 'asc' | 'desc',
  histogram: Histogram | undefined,
): RowSource<Event> | null {
  const key = JSON.stringify([filter, order]);
  const [source, setSource] = useState<RowSource<Event> | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key holds what the filter says
  useEffect(() => {
    if (filter === null) return;
    const fresh = new RowSource<Event>(fetcherOf(filter, order), boundsOf(filter), order);
    fresh.start();
    setSource(fresh);
    return () => fresh.stop();
  }, [key]);
  useEffect(() => {
    if (histogram !== undefined) source?.locate(bucketsOf(histogram), histogram.undated);
  }, [source, histogram]);
  useSyncExternalStore(source?.subscribe ?? never, () => source?.version ?? 0);
  return source;
}

/** Returns a histogram as row numbers are worked out from it. */
export function bucketsOf(histogram: Histogram): Buckets | null {
  if (histogram.from === null) return null;
  return { fromMs: Date.parse(histogram.from), bucketMs: histogram.bucket_ms, counts: histogram.buckets };
}

function fetcherOf(filter: Filter, sort: 'asc' | 'desc'): Fetcher<Event> {
  return {
    page: async (stretch, cursor, signal) => {
      const asked = stretch.isUndated
        ? { ...filter, q: append(filter.q ?? '', '-time:*') }
        : { ...filter, ...within(filter, stretch) };
      const page = await get<EventPage>('/events', { ...asked, sort, cursor, limit: CHUNK_ROWS }, signal);
      return { items: page.items, nextCursor: page.next_cursor };
    },
    buckets: async (stretch, signal) => {
      const asked = { ...filter, ...within(filter, stretch), buckets: BUCKETS };
      return bucketsOf(await get<Histogram>('/events/histogram', asked, signal));
    },
  };
}

// Edges that are those of the whole search keep its own digits.
function within(filter: Filter, stretch: Bounds): { from?: string; to?: string } {
  const bounds = boundsOf(filter);
  return {
    from: stretch.fromMs === bounds.fromMs ? filter.from : text(stretch.fromMs),
    to: stretch.toMs === bounds.toMs ? filter.to : text(stretch.toMs),
  };
}

function boundsOf(filter: Filter): Bounds {
  return {
    fromMs: filter.from === undefined ? null : Date.parse(filter.from),
    toMs: filter.to === undefined ? null : Date.parse(filter.to),
  };
}

function text(ms: number | null): string | undefined {
  return ms === null ? undefined : iso(ms);
}

const never = () => () => {};

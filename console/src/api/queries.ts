import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import { get } from './client';
import type { Collection, Finding, FindingGroup, Level, Sheet, Status } from './types';

/** What the store holds and whether it is the demo. */
export const statusQuery = queryOptions({
  queryKey: ['status'],
  queryFn: ({ signal }) => get<Status>('/status', {}, signal),
});

/** The verdict sheet. */
export const verdictQuery = queryOptions({
  queryKey: ['verdict'],
  queryFn: ({ signal }) => get<Sheet>('/verdict', {}, signal),
});

/** What findings are asked for. */
export interface FindingsFilter {
  level?: readonly Level[];
  org?: readonly string[];
  rule_id?: string;
}

// Findings are groups of events; a screenful is forty of them.
const FINDINGS_PAGE = 200;

/** Findings, worst first, a page at a time. */
export function findingsQuery(filter: FindingsFilter) {
  return infiniteQueryOptions({
    queryKey: ['findings', filter],
    queryFn: ({ pageParam, signal }) =>
      get<Collection<FindingGroup>>(
        '/findings',
        { ...filter, cursor: pageParam, limit: FINDINGS_PAGE },
        signal,
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
    placeholderData: keepPreviousData,
  });
}

/** One finding with what its rule says of itself. */
export function findingQuery(id: string) {
  return queryOptions({
    queryKey: ['finding', id],
    queryFn: ({ signal }) => get<Finding>(`/findings/${encodeURIComponent(id)}`, {}, signal),
  });
}

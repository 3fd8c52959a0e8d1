import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import { get } from '../../api/client';
import type { Collection, SessionRow } from '../../api/types';
import type { SessionTree } from '../../parts/session-tree/types';

// Several screens at once, so that those with findings are all there.
const SESSIONS_PAGE = 200;

/** The tree of a login, from its key or from the key of one of its sessions. */
export const treeQuery = (key: string) =>
  queryOptions({
    queryKey: ['session', key],
    queryFn: ({ signal }) => get<SessionTree>('/session', { key }, signal),
  });

/** Sessions, those with findings first, a page at a time. */
export const sessionsQuery = (filter: { q?: string; org?: string[] }) =>
  infiniteQueryOptions({
    queryKey: ['sessions', filter],
    queryFn: ({ pageParam, signal }) =>
      get<Collection<SessionRow>>(
        '/sessions',
        { ...filter, cursor: pageParam, limit: SESSIONS_PAGE },
        signal,
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
    placeholderData: keepPreviousData,
  });

import { queryOptions } from '@tanstack/react-query';
import { get } from './client';
import type { Status } from './types';

/** What the store holds and whether it is the demo. */
export const statusQuery = queryOptions({
  queryKey: ['status'],
  queryFn: ({ signal }) => get<Status>('/status', {}, signal),
});

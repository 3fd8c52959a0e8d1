import { queryOptions } from '@tanstack/react-query';
import { get } from '../../api/client';
import type { EventDetail, Surrounding, SurroundingBy } from '../../api/types';

/** The tabs of the flyout. */
export const EVENT_TABS = ['fields', 'json', 'surrounding'] as const;

/** A tab of the flyout. */
export type EventTab = (typeof EVENT_TABS)[number];

/** What the events around one share with it. */
export const SURROUNDINGS: readonly SurroundingBy[] = ['session', 'actor', 'address', 'org'];

/** Events shown on each side of one. */
const AROUND = 20;

/** Everything about one event. */
export const eventQuery = (uid: string) =>
  queryOptions({
    queryKey: ['event', uid],
    queryFn: ({ signal }) => get<EventDetail>(`/events/${encodeURIComponent(uid)}`, {}, signal),
  });

/** What happened around one event. */
export const surroundingQuery = (uid: string, by: SurroundingBy) =>
  queryOptions({
    queryKey: ['surrounding', uid, by],
    queryFn: ({ signal }) =>
      get<Surrounding>(`/events/${encodeURIComponent(uid)}/surrounding`, { by, limit: AROUND }, signal),
  });

import { useQuery } from '@tanstack/react-query';
import { useCallback, useEffect, useRef, useState } from 'react';
import type { Event, Histogram } from '../../api/types';
import { eventQuery } from '../../parts/flyout-event/views';
import type { RowSource } from '../../parts/virtual-table/row-source';
import type { EventsSearch } from './search';

/** Where the keyboard stands in the list, and which row is open. */
export interface Selection {
  active: number | null;
  /** Puts the keyboard on a row; an open flyout follows. */
  move: (row: number) => void;
  /** Goes some rows on. */
  step: (by: 1 | -1) => void;
  /** Opens a row in the flyout. */
  open: (row: number) => void;
  isOpen: (row: Event) => boolean;
}

/** Rows looked through for an event that an address names; one further down is shown, but not found in the list. */
const MOST_SOUGHT_ROWS = 2_000;

/** Keeps the row of the keyboard and the open event of the address together. */
export function useSelection(
  source: RowSource<Event> | null,
  search: EventsSearch,
  histogram: Histogram | undefined,
  change: (part: Partial<EventsSearch>, replace?: boolean) => void,
): Selection {
  const [active, setActive] = useState<number | null>(null);
  const event = search.event;
  // A row that is to be opened as soon as it is here.
  const awaited = useRef<number | null>(null);

  const open = useCallback(
    (row: number) => {
      setActive(row);
      const found = source?.at(row);
      awaited.current = found === undefined ? row : null;
      if (found !== undefined) change({ event: found.event_uid }, event !== undefined);
    },
    [source, change, event],
  );
  const move = useCallback(
    (row: number) => (event === undefined ? setActive(row) : open(row)),
    [event, open],
  );
  const step = (by: 1 | -1) => {
    const last = (source?.rows ?? 0) - 1;
    if (last >= 0) move(Math.min(Math.max((active ?? -1) + by, 0), last));
  };

  const version = source?.version;
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new version is what brings the row
  useEffect(() => {
    if (awaited.current !== null && source?.at(awaited.current) !== undefined) open(awaited.current);
  }, [version, source, open]);

  useEffect(() => {
    awaited.current = null;
    if (source !== null) setActive(null);
  }, [source]);

  useFoundRow(source, event, histogram, active, setActive);
  const isOpen = useCallback((row: Event) => row.event_uid === event, [event]);
  return { active, move, step, open, isOpen };
}

/** Puts the keyboard on the row that the address names, also after a reload. */
function useFoundRow(
  source: RowSource<Event> | null,
  event: string | undefined,
  histogram: Histogram | undefined,
  active: number | null,
  setActive: (row: number) => void,
): void {
  const { data } = useQuery({ ...eventQuery(event ?? ''), enabled: event !== undefined });
  const time = data?.event.event_uid === event ? data?.event.time : undefined;
  // biome-ignore lint/correctness/useExhaustiveDependencies: a move of the keyboard alone must not search again
  useEffect(() => {
    if (source === null || event === undefined || time === undefined || histogram === undefined) return;
    if (active !== null && source.at(active)?.event_uid === event) return;
    let isWanted = true;
    const timeMs = time === null ? null : Date.parse(time);
    void source
      .find(timeMs, (row) => row.event_uid === event, MOST_SOUGHT_ROWS)
      .then((row) => {
        if (isWanted && row !== null) setActive(row);
      });
    return () => {
      isWanted = false;
    };
  }, [source, event, time, histogram]);
}

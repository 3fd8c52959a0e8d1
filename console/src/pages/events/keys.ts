import type { RefObject } from 'react';
import { useKeys } from '../../app/keys';
import { useTexts } from '../../i18n/lang';
import type { Selection } from './selection';
import { eventsTexts } from './texts';

interface EventsKeys {
  query: RefObject<HTMLInputElement | null>;
  facetList: RefObject<HTMLElement | null>;
  list: RefObject<HTMLElement | null>;
  selection: Selection;
  isOpen: boolean;
  /** Moves the window of time by its own width. */
  move: (direction: -1 | 1) => void;
}

/** Registers the keys of the event search. */
export function useEventsKeys({ query, facetList, list, selection, isOpen, move }: EventsKeys): void {
  const t = useTexts(eventsTexts);
  // The grid takes the focus, so that arrows and Enter go on from there; an open row keeps its own.
  const focusGrid = () => {
    if (!isOpen) list.current?.querySelector<HTMLElement>('[role=grid]')?.focus({ preventScroll: true });
  };
  const step = (by: 1 | -1) => {
    focusGrid();
    selection.step(by);
  };
  const open = () => {
    focusGrid();
    selection.open(selection.active ?? 0);
  };
  useKeys([
    {
      keys: '/',
      does: t('keySearch'),
      run: () => {
        query.current?.focus();
        query.current?.select();
      },
    },
    { keys: 'j', does: t('keyDown'), run: () => step(1) },
    { keys: 'k', does: t('keyUp'), run: () => step(-1) },
    { keys: 'o', does: t('keyOpen'), run: open },
    { keys: '[', does: t('keyEarlier'), run: () => move(-1) },
    { keys: ']', does: t('keyLater'), run: () => move(1) },
    {
      keys: 'f',
      does: t('keyFacets'),
      run: () => facetList.current?.querySelector<HTMLElement>('summary')?.focus(),
    },
  ]);
}

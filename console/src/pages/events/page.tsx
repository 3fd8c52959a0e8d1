import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useRouter, useSearch } from '@tanstack/react-router';
import { useCallback, useMemo, useRef } from 'react';
import { ApiError, get } from '../../api/client';
import { statusQuery } from '../../api/queries';
import type { Facets as FacetsAnswer } from '../../api/types';
import { usePick, useTexts } from '../../i18n/lang';
import { Button } from '../../parts/button';
import { Facets } from '../../parts/facets/facets';
import { FlyoutEvent } from '../../parts/flyout-event/flyout-event';
import { Histogram } from '../../parts/histogram/histogram';
import { Plain } from '../../parts/plain';
import { QueryBar, type QueryProblem } from '../../parts/query-bar/query-bar';
import { append, quote, setStance } from '../../parts/query-bar/terms';
import { ErrorState, Loading, Notice } from '../../parts/states';
import { VirtualTable } from '../../parts/virtual-table/virtual-table';
import { useEventColumns } from './cells';
import { NUMBER_COLUMNS, readColumns, writeColumns } from './columns';
import {
  coverageQuery,
  facetsQuery,
  fieldsQuery,
  filterOf,
  histogramQuery,
  rangeOf,
  useAnchors,
  useRows,
} from './data';
import { Empty } from './empty';
import { useEventsKeys } from './keys';
import { lostIn } from './losses';
import { RangePicker } from './range-picker';
import type { EventsSearch } from './search';
import { useSelection } from './selection';
import { eventsTexts } from './texts';
import { type Anchors, iso, pin, shift, spanOf } from './time-range';
import { Toolbar } from './toolbar';
import './events.css';

/** The event search. */
export default function EventsPage() {
  const t = useTexts(eventsTexts);
  const anchors = useAnchors();
  const { error, refetch } = useQuery(statusQuery);
  return (
    <>
      <h1 className="visually-hidden">{t('title')}</h1>
      {error && <ErrorState error={error} onRetry={() => void refetch()} />}
      {anchors ? <Search anchors={anchors} /> : !error && <Loading />}
    </>
  );
}

/** Returns a function that changes the address; `replace` leaves no step behind for the back button. */
export type ChangeSearch = (change: Partial<EventsSearch>, replace?: boolean) => void;

function Search({ anchors }: { anchors: Anchors }) {
  const t = useTexts(eventsTexts);
  const search = useSearch({ from: '/events' });
  const navigate = useNavigate({ from: '/events' });
  const change: ChangeSearch = useCallback(
    (part, replace = false) => void navigate({ search: (before) => ({ ...before, ...part }), replace }),
    [navigate],
  );
  const filter = useMemo(() => filterOf(search, anchors), [search, anchors]);
  const order = search.sort ?? 'desc';
  const span = spanOf(rangeOf(search), anchors);
  const counted = useQuery(histogramQuery(filter));
  const histogram = counted.isPlaceholderData ? undefined : counted.data;
  const { data: facets } = useQuery(facetsQuery(filter));
  const { data: coverage } = useQuery(coverageQuery);
  const source = useRows(filter, order, histogram);
  const selection = useSelection(source, search, histogram, change);

  const columnNames = useMemo(() => readColumns(search.columns), [search.columns]);
  const columns = useEventColumns(columnNames);
  const query = useRef<HTMLInputElement>(null);
  const facetList = useRef<HTMLElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const move = (direction: -1 | 1) => {
    const moved = shift(rangeOf(search), anchors, direction);
    if (moved !== null) change({ from: moved.from ?? undefined, to: moved.to ?? undefined });
  };
  useEventsKeys({ query, facetList, list, selection, isOpen: search.event !== undefined, move });

  const problem = useProblem(counted.error);
  const inOrgs = (coverage?.orgs ?? []).filter((org) => search.org?.includes(org.org) ?? true);
  const lost = lostIn(
    inOrgs.flatMap((org) => org.tables),
    span,
  );
  const isEmpty = histogram !== undefined && histogram.total + histogram.undated === 0;
  const drawn = counted.data;
  const setQuery = (q: string) => change({ q: q === '' ? undefined : q });

  return (
    <div className={search.event === undefined ? 'events' : 'events events-with-flyout'}>
      <div className="events-ask">
        <Ask anchors={anchors} problem={problem} change={change} queryRef={query} />
      </div>
      {drawn && drawn.from !== null && !counted.error ? (
        <Histogram
          fromMs={Date.parse(drawn.from)}
          bucketMs={drawn.bucket_ms}
          counts={drawn.buckets}
          lost={lost}
          isStale={counted.isPlaceholderData}
          onZoom={(fromMs, toMs) => change({ from: iso(fromMs), to: iso(toMs) })}
        />
      ) : (
        <div className="events-no-histogram" />
      )}
      <div className="events-body">
        {facets && !counted.error ? (
          <Facets
            ref={facetList}
            facets={facets.facets}
            total={facets.total}
            q={search.q ?? ''}
            onChange={setQuery}
          />
        ) : (
          <div className="facets" />
        )}
        <div className="events-list" ref={list}>
          <Toolbar
            histogram={histogram}
            isAscending={order === 'asc'}
            onSort={() => change({ sort: order === 'asc' ? undefined : 'asc' })}
            columns={columnNames}
            onColumns={(names) => change({ columns: writeColumns(names) }, true)}
            pinned={counted.error ? null : filterOf({ ...search, ...pinned(search, anchors) }, anchors)}
            permalink={usePermalink(search, anchors)}
          />
          <Warnings isStale={source?.isStale === true} onReload={() => void counted.refetch()} />
          {isEmpty && (
            <Empty
              filter={filter}
              span={span}
              onClearQuery={() => change({ q: undefined })}
              onWholeTime={() => change({ from: undefined, to: undefined })}
            />
          )}
          {counted.error && problem === null && (
            <ErrorState error={counted.error} onRetry={() => void counted.refetch()} />
          )}
          {source?.error != null && !counted.error && (
            <ErrorState error={source.error} onRetry={() => source.retry()} />
          )}
          {source && !isEmpty && !counted.error && (
            <VirtualTable
              label={t('results')}
              columns={columns}
              source={source}
              active={selection.active}
              onActive={selection.move}
              onOpen={selection.open}
              isOpen={selection.isOpen}
            />
          )}
        </div>
      </div>
      {search.event !== undefined && (
        <FlyoutEvent
          uid={search.event}
          tab={search.tab ?? 'fields'}
          by={search.by ?? 'session'}
          onTab={(tab) => change({ tab }, true)}
          onBy={(by) => change({ by }, true)}
          onEvent={(event) => change({ event })}
          onFilter={(field, value, stance) => setQuery(setStance(search.q ?? '', field, value, stance))}
          onStep={selection.step}
          onClose={() => change({ event: undefined, tab: undefined, by: undefined })}
        />
      )}
    </div>
  );
}

/** The question: search, time, and the orgs that a link limited it to. */
function Ask(props: {
  anchors: Anchors;
  problem: QueryProblem | null;
  change: ChangeSearch;
  queryRef: React.RefObject<HTMLInputElement | null>;
}) {
  const t = useTexts(eventsTexts);
  const pick = usePick();
  const { anchors, problem, change, queryRef } = props;
  const search = useSearch({ from: '/events' });
  const { data: fields } = useQuery(fieldsQuery);
  const names = useMemo(
    () => (fields?.fields ?? []).map(({ name, meaning }) => ({ name, note: pick(meaning) })),
    [fields, pick],
  );
  return (
    <>
      <QueryBar
        ref={queryRef}
        q={search.q ?? ''}
        fields={names}
        valuesOf={useValuesOf(search)}
        problem={problem}
        onSearch={(q) => change({ q: q === '' ? undefined : q })}
      />
      {search.org?.map((org) => (
        <Button
          key={org}
          aria-label={`${t('org', { org })}: ${t('allOrgs')}`}
          onClick={() => change({ org: search.org?.filter((other) => other !== org) })}
        >
          <Plain text={t('org', { org })} /> ×
        </Button>
      ))}
      <RangePicker
        range={rangeOf(search)}
        anchors={anchors}
        onChange={({ from, to }) => change({ from: from ?? undefined, to: to ?? undefined })}
      />
    </>
  );
}

function Warnings({ isStale, onReload }: { isStale: boolean; onReload: () => void }) {
  const t = useTexts(eventsTexts);
  const { generation } = useSearch({ from: '/events' });
  const { data: status } = useQuery(statusQuery);
  const hasChanged = generation !== undefined && status !== undefined && status.generation !== generation;
  return (
    <>
      {hasChanged && <Notice title={t('generation')} />}
      {isStale && (
        <Notice title={t('stale')}>
          <Button onClick={onReload}>{t('reload')}</Button>
        </Notice>
      )}
    </>
  );
}

/** Returns what is wrong with the query where the server says so; null for other errors, which the list shows. */
function useProblem(error: Error | null): QueryProblem | null {
  const pick = usePick();
  if (!(error instanceof ApiError) || error.problem.code !== 'bad_query') return null;
  const { detail, hint, at } = error.problem;
  return { text: pick(detail), hint: hint === null ? null : pick(hint), at: at ?? null };
}

/** Fields whose values are compared, not chosen. */
const UNLISTED: ReadonlySet<string> = new Set(['time', ...NUMBER_COLUMNS]);

/** Returns a function that gives the values of a field among what the rest of the query finds. */
function useValuesOf(search: EventsSearch) {
  const queries = useQueryClient();
  const { from, to, org } = search;
  const anchors = useAnchors();
  return useCallback(
    async (field: string, prefix: string, rest: string) => {
      if (anchors === null) return [];
      if (UNLISTED.has(field)) return [];
      const starts = prefix === '' ? rest : append(rest, `${field}:${quote(prefix).slice(0, -1)}*"`);
      const filter = filterOf({ from, to, org, q: starts }, anchors);
      const answer = await queries.fetchQuery({
        queryKey: ['facets', filter, field],
        queryFn: ({ signal }) => get<FacetsAnswer>('/events/facets', { ...filter, fields: field }, signal),
      });
      return answer.facets[0]?.values ?? [];
    },
    [queries, from, to, org, anchors],
  );
}

/** Returns a function that gives the address of this view with absolute times and the state of the store. */
function usePermalink(search: EventsSearch, anchors: Anchors): () => string {
  const router = useRouter();
  const { data: status } = useQuery(statusQuery);
  return () => {
    const absolute = { ...search, ...pinned(search, anchors), generation: status?.generation };
    const { href } = router.buildLocation({
      to: '/events',
      search: (before) => ({ ...before, ...absolute }),
    });
    return new URL(href, window.location.origin).href;
  };
}

function pinned(search: EventsSearch, anchors: Anchors): { from?: string; to?: string } {
  const { from, to } = pin(rangeOf(search), anchors);
  return { from: from ?? undefined, to: to ?? undefined };
}

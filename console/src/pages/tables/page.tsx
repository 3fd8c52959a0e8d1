import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { get } from '../../api/client';
import type { Collection, TableInfo } from '../../api/types';
import { useListKeys } from '../../app/list-keys';
import { useNumbers, usePick, useTexts } from '../../i18n/lang';
import { Plain } from '../../parts/plain';
import { termText } from '../../parts/query-bar/terms';
import { ErrorState, Loading, Notice } from '../../parts/states';
import { Time, TimeRange } from '../../parts/time';
import { TableFlyout } from './table-flyout';
import { tablesTexts } from './texts';
import './tables.css';

const route = getRouteApi('/tables');

/** More tables than the catalogue and every unknown type of a large store together. */
const MOST_TABLES = 1_000;

/** The tables of the store: how much, from when to when, and until when the platform keeps more. */
export default function TablesPage() {
  const t = useTexts(tablesTexts);
  const search = route.useSearch();
  const opened = search.table;
  const navigate = route.useNavigate();
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['tables'],
    queryFn: ({ signal }) => get<Collection<TableInfo>>('/tables', { limit: MOST_TABLES }, signal),
  });
  const filled = data?.items.filter((item) => item.events > 0) ?? [];
  const empty = data?.items.filter((item) => item.events === 0) ?? [];
  const items = [...filled, ...empty];
  const isEmptyShown = search.empty === 'shown' || empty.some((item) => item.table === opened);
  const show = (table: string | undefined) =>
    void navigate({ search: (before) => ({ ...before, table }), replace: opened !== undefined });
  const list = useListKeys({
    count: isEmptyShown ? items.length : filled.length,
    start: items.findIndex((item) => item.table === opened),
    onOpen: (index) => show(items[index]?.table),
    onMove: (index) => opened !== undefined && show(items[index]?.table),
    texts: { next: t('next'), previous: t('previous'), open: t('open') },
  });
  return (
    <div className="tables">
      <header className="tables-head">
        <h1>{t('tables')}</h1>
        <p className="quiet" role="status">
          {data && t('count', { n: filled.length })}
        </p>
      </header>
      {error && <ErrorState error={error} onRetry={() => void refetch()} />}
      {isPending && <Loading />}
      {data && filled.length === 0 && <Notice title={t('none')} why={t('noneWhy')} />}
      {filled.length > 0 && <List items={filled} first={0} list={list} opened={opened} />}
      {empty.length > 0 && (
        <section className="tables-empty">
          <h2>{t('empty', { n: empty.length })}</h2>
          <Link
            from="/tables"
            to="."
            search={(before) => ({ ...before, empty: isEmptyShown ? undefined : 'shown' })}
            replace
          >
            {isEmptyShown ? t('emptyHide') : t('emptyShow')}
          </Link>
          <p className="quiet">{t('emptyWhy')}</p>
        </section>
      )}
      {isEmptyShown && <List items={empty} first={filled.length} list={list} opened={opened} />}
      {opened !== undefined && <TableFlyout table={opened} onClose={() => show(undefined)} />}
    </div>
  );
}

interface ListProps {
  items: readonly TableInfo[];
  /** The place of its first row in the list that the keys walk. */
  first: number;
  list: ReturnType<typeof useListKeys>;
  opened: string | undefined;
}

function List({ items, first, list, opened }: ListProps) {
  const t = useTexts(tablesTexts);
  return (
    <div className="tables-frame">
      <table className="rows tables-table">
        <thead>
          <tr>
            <th scope="col">{t('table')}</th>
            <th scope="col">{t('about')}</th>
            <th scope="col" className="number">
              {t('events')}
            </th>
            <th scope="col">{t('span')}</th>
            <th scope="col" className="number">
              {t('retention')}
            </th>
            <th scope="col">{t('agesOut')}</th>
          </tr>
        </thead>
        <tbody>
          {items.map((item, index) => (
            <Row
              key={item.table}
              item={item}
              index={first + index}
              list={list}
              isOpen={item.table === opened}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row(props: { item: TableInfo; index: number; list: ListProps['list']; isOpen: boolean }) {
  const t = useTexts(tablesTexts);
  const pick = usePick();
  const { number } = useNumbers();
  const { item, index, list, isOpen } = props;
  return (
    <tr className={isOpen ? 'is-open' : undefined}>
      <td>
        <Link
          from="/tables"
          to="."
          search={(before) => ({ ...before, table: item.table })}
          className="row-link"
          tabIndex={index === list.cursor ? 0 : -1}
          ref={list.refOf(index)}
          onFocus={() => list.setCursor(index)}
        >
          <Plain text={item.table} />
        </Link>
      </td>
      <td className="tables-about" title={pick(item.about)}>
        {pick(item.about)}
      </td>
      <td className="number tables-events">
        <Link
          to="/events"
          // The view of all events is no table that an event could name.
          search={item.kind === 'view' ? {} : { q: termText('table', item.table, 'include') }}
          title={t('show')}
        >
          {number(item.events)}
          <span className="visually-hidden"> {t('showOf', { table: item.table })}</span>
        </Link>
      </td>
      <td>{item.from !== null && <TimeRange from={item.from} to={item.to} />}</td>
      <td className="number">
        {item.retention_days === null ? (
          <span className="quiet">{t('unknown')}</span>
        ) : (
          t('days', { n: item.retention_days })
        )}
      </td>
      <td>
        {item.events === 0 ? null : item.ages_out === null ? (
          <span className="quiet">{t('unknown')}</span>
        ) : (
          <>
            <Time at={item.ages_out} detail="day" />{' '}
            <span className="quiet">{t(item.ages_out_at === 'store' ? 'inStore' : 'atPlatform')}</span>
          </>
        )}
      </td>
    </tr>
  );
}

import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { findingsQuery } from '../../api/queries';
import { useListKeys } from '../../app/list-keys';
import { useTexts } from '../../i18n/lang';
import { Button } from '../../parts/button';
import { ErrorState, Loading, Notice } from '../../parts/states';
import { Filters } from './filters';
import { FindingFlyout } from './finding-flyout';
import { FindingsTable } from './findings-table';
import type { FindingsSearch } from './search';
import { findingsTexts } from './texts';
import './findings.css';

const route = getRouteApi('/findings');

/** What rules, indicators and allow-lists found, in groups, worst first. */
export default function FindingsPage() {
  const t = useTexts(findingsTexts);
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const { level, org, rule_id } = search;
  const query = useInfiniteQuery(findingsQuery({ level, org, rule_id }));
  const items = query.data?.pages.flatMap((page) => page.items) ?? [];

  const change = (changed: FindingsSearch) =>
    void navigate({ search: (before) => ({ ...before, ...changed }), replace: true });
  const show = (id: string | undefined) => change({ finding: id });
  const list = useListKeys({
    count: items.length,
    start: items.findIndex((item) => item.id === search.finding),
    onOpen: (index) => show(items[index]?.id),
    onMove: (index) => search.finding !== undefined && show(items[index]?.id),
    texts: { next: t('next'), previous: t('previous'), open: t('open') },
  });

  return (
    <div className="findings">
      <header className="findings-head">
        <h1>{t('title')}</h1>
        <Filters search={search} onChange={change} />
        <p className="quiet" role="status">
          {query.data !== undefined && t(query.hasNextPage ? 'shownOrMore' : 'shown', { n: items.length })}
        </p>
      </header>
      {query.error !== null && <ErrorState error={query.error} onRetry={() => void query.refetch()} />}
      {query.isPending && <Loading />}
      {query.data !== undefined && items.length === 0 && <Empty search={search} onChange={change} />}
      {items.length > 0 && <FindingsTable items={items} list={list} open={search.finding} />}
      {query.hasNextPage && (
        <Button disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
          {t('more')}
        </Button>
      )}
      {search.finding !== undefined && <FindingFlyout id={search.finding} onClose={() => show(undefined)} />}
    </div>
  );
}

function Empty({
  search,
  onChange,
}: {
  search: FindingsSearch;
  onChange: (changed: FindingsSearch) => void;
}) {
  const t = useTexts(findingsTexts);
  const isFiltered = search.level !== undefined || search.org !== undefined || search.rule_id !== undefined;
  if (isFiltered) {
    return (
      <Notice title={t('emptyFiltered')} why={t('emptyFilteredWhy')}>
        <Button onClick={() => onChange({ level: undefined, org: undefined, rule_id: undefined })}>
          {t('clear')}
        </Button>
      </Notice>
    );
  }
  return (
    <Notice title={t('empty')} why={t('emptyWhy')}>
      <Link to="/coverage">{t('toCoverage')}</Link>
      <Link to="/">{t('toVerdict')}</Link>
    </Notice>
  );
}

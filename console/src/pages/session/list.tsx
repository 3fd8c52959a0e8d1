import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { type FormEvent, useEffect, useState } from 'react';
import { statusQuery } from '../../api/queries';
import type { SessionRow } from '../../api/types';
import { useListKeys } from '../../app/list-keys';
import { useNumbers, useTexts } from '../../i18n/lang';
import { Button } from '../../parts/button';
import { spelledOut } from '../../parts/escape';
import { Select, TextField } from '../../parts/field';
import { Plain } from '../../parts/plain';
import { ErrorState, Loading, Notice } from '../../parts/states';
import { TimeRange } from '../../parts/time';
import { sessionsQuery } from './data';
import { sessionTexts } from './texts';

const route = getRouteApi('/session');

/** Every session, those with findings first. */
export function SessionList() {
  const t = useTexts(sessionTexts);
  const { q, org } = route.useSearch();
  const navigate = route.useNavigate();
  const query = useInfiniteQuery(sessionsQuery({ q, org }));
  const items = query.data?.pages.flatMap((page) => page.items) ?? [];
  const open = (index: number) => {
    const key = items[index]?.session_key;
    if (key !== undefined) void navigate({ search: (before) => ({ ...before, key }) });
  };
  const list = useListKeys({
    count: items.length,
    start: -1,
    onOpen: open,
    texts: { next: t('next'), previous: t('previous'), open: t('open') },
  });
  return (
    <div className="session">
      <header className="session-head">
        <h1>{t('title')}</h1>
        <Filter />
        <p className="quiet session-count" role="status">
          {query.data !== undefined && t(query.hasNextPage ? 'shownOrMore' : 'shown', { n: items.length })}
        </p>
      </header>
      {query.error !== null && <ErrorState error={query.error} onRetry={() => void query.refetch()} />}
      {query.isPending && <Loading />}
      {query.data !== undefined && items.length === 0 && <Empty />}
      {items.length > 0 && <SessionTable items={items} list={list} />}
      {query.hasNextPage && (
        <Button disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
          {t('more')}
        </Button>
      )}
    </div>
  );
}

function Filter() {
  const t = useTexts(sessionTexts);
  const { q, org } = route.useSearch();
  const navigate = route.useNavigate();
  const { data: status } = useQuery(statusQuery);
  const [typed, setTyped] = useState(q ?? '');
  useEffect(() => setTyped(q ?? ''), [q]);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void navigate({ search: (before) => ({ ...before, q: typed.trim() === '' ? undefined : typed.trim() }) });
  };
  return (
    <search className="session-filter">
      <form onSubmit={submit}>
        <TextField
          label={t('filter')}
          isLabelHidden
          placeholder={t('filter')}
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
        />
        <Button type="submit">{t('search')}</Button>
      </form>
      <Select
        label={t('orgs')}
        isLabelHidden
        value={org?.[0] ?? ''}
        onChange={(event) => {
          const chosen = event.target.value === '' ? undefined : [event.target.value];
          void navigate({ search: (before) => ({ ...before, org: chosen }) });
        }}
      >
        <option value="">{t('everyOrg')}</option>
        {status?.orgs.map(({ org: name }) => (
          <option key={name} value={name}>
            {spelledOut(name)}
          </option>
        ))}
      </Select>
    </search>
  );
}

function Empty() {
  const t = useTexts(sessionTexts);
  const { q, org } = route.useSearch();
  const navigate = route.useNavigate();
  return (
    <Notice title={t('none')} why={t('noneWhy')}>
      {(q !== undefined || org !== undefined) && (
        <Button
          onClick={() => void navigate({ search: (before) => ({ ...before, q: undefined, org: undefined }) })}
        >
          {t('clear')}
        </Button>
      )}
      <Link to="/coverage">{t('toCoverage')}</Link>
    </Notice>
  );
}

interface TableProps {
  items: readonly SessionRow[];
  list: ReturnType<typeof useListKeys>;
}

function SessionTable({ items, list }: TableProps) {
  const t = useTexts(sessionTexts);
  return (
    <div className="session-frame">
      <table className="rows session-table">
        <thead>
          <tr>
            <th scope="col">{t('session')}</th>
            <th scope="col">{t('orgs')}</th>
            <th scope="col">{t('user')}</th>
            <th scope="col">{t('apps')}</th>
            <th scope="col">{t('addresses')}</th>
            <th scope="col" className="number">
              {t('findings')}
            </th>
            <th scope="col" className="number">
              {t('events')}
            </th>
            <th scope="col">{t('when')}</th>
          </tr>
        </thead>
        <tbody>
          {items.map((item, index) => (
            <Row key={`${item.org}/${item.session_key}`} item={item} index={index} list={list} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({ item, index, list }: { item: SessionRow; index: number; list: TableProps['list'] }) {
  const t = useTexts(sessionTexts);
  const { number } = useNumbers();
  return (
    <tr>
      <td className="session-key mono">
        <Link
          from="/session"
          to="."
          search={(before) => ({ ...before, key: item.session_key })}
          className="row-link"
          tabIndex={index === list.cursor ? 0 : -1}
          ref={list.refOf(index)}
          onFocus={() => list.setCursor(index)}
        >
          <Plain text={item.session_key} />
        </Link>
      </td>
      <td>
        <Plain text={item.org} />
      </td>
      <td className="session-user" title={item.user === null ? undefined : spelledOut(item.user)}>
        {item.user === null ? <span className="quiet">{t('unknown')}</span> : <Plain text={item.user} />}
      </td>
      <td className="session-apps">{item.app !== null && <Plain text={item.app} />}</td>
      <td className="session-ips mono">
        {item.src_ip !== null && <Plain text={item.src_ip} />}
        {item.addresses > 1 && <span className="quiet"> +{number(item.addresses - 1)}</span>}
      </td>
      <td className={item.findings > 0 ? 'number session-found' : 'number quiet'}>{number(item.findings)}</td>
      <td className="number">{number(item.events)}</td>
      <td className="nowrap">
        <TimeRange from={item.from} to={item.to} />
      </td>
    </tr>
  );
}

import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTexts } from '../../i18n/lang';
import { Button } from '../../parts/button';
import { Plain } from '../../parts/plain';
import { Notice } from '../../parts/states';
import { TimeRange } from '../../parts/time';
import { coverageQuery, type Filter } from './data';
import { type Searched, searchedIn } from './losses';
import { eventsTexts } from './texts';

/** Losses listed before the rest is only counted. */
const MOST_LOSSES = 5;

interface EmptyProps {
  filter: Filter;
  /** The range with open ends taken from the data. */
  span: { fromMs: number | null; toMs: number | null };
  onClearQuery: () => void;
  onWholeTime: () => void;
}

/** Says why there is nothing to see: what was searched, and what could not have been seen there. */
export function Empty({ filter, span, onClearQuery, onWholeTime }: EmptyProps) {
  const t = useTexts(eventsTexts);
  const { data } = useQuery(coverageQuery);
  const searched = data && searchedIn(data, span, filter.org ?? []);
  return (
    <div className="events-empty">
      <Notice title={t('none')}>
        {searched && <SearchedWhat searched={searched} />}
        <div className="events-empty-next">
          {filter.q !== undefined && <Button onClick={onClearQuery}>{t('clearQuery')}</Button>}
          {(filter.from !== undefined || filter.to !== undefined) && (
            <Button onClick={onWholeTime}>{t('wholeTime')}</Button>
          )}
          <Link className="button button-outline" to="/coverage" search={{ org: filter.org }}>
            {t('seeCoverage')}
          </Link>
        </div>
      </Notice>
    </div>
  );
}

function SearchedWhat({ searched }: { searched: Searched }) {
  const t = useTexts(eventsTexts);
  const { lost } = searched;
  return (
    <div className="events-searched">
      <p>
        {searched.events === 0
          ? t('searchedNothing')
          : t('searched', { tables: searched.tables, orgs: searched.orgs, n: searched.events })}
      </p>
      {lost.length === 0 ? (
        searched.events > 0 && <p>{t('complete')}</p>
      ) : (
        <>
          <p>{t('lossHere')}</p>
          <ul>
            {lost.slice(0, MOST_LOSSES).map((gap) => (
              <li key={`${gap.org}/${gap.table}/${gap.from}`}>
                <Plain text={gap.org} /> · <Plain text={gap.table} /> ·{' '}
                <TimeRange from={gap.from} to={gap.to} />
              </li>
            ))}
            {lost.length > MOST_LOSSES && <li>{t('moreLosses', { n: lost.length - MOST_LOSSES })}</li>}
          </ul>
        </>
      )}
    </div>
  );
}

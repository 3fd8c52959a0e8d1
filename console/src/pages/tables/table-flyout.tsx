import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { get } from '../../api/client';
import type { TableColumns } from '../../api/types';
import { usePick, useTexts } from '../../i18n/lang';
import { Flyout } from '../../parts/flyout';
import { Plain } from '../../parts/plain';
import { termText } from '../../parts/query-bar/terms';
import { ErrorState, Loading } from '../../parts/states';
import { tablesTexts } from './texts';

/** The view of all events, which is no table that an event could name. */
const ALL_EVENTS = 'events';

/** The columns of a table: what each means, in which unit, and where that is not sure. */
export function TableFlyout({ table, onClose }: { table: string; onClose: () => void }) {
  const t = useTexts(tablesTexts);
  const pick = usePick();
  const { data, error, refetch } = useQuery({
    queryKey: ['table', table],
    queryFn: ({ signal }) => get<TableColumns>(`/tables/${encodeURIComponent(table)}`, {}, signal),
  });
  return (
    <Flyout
      title={<Plain text={table} />}
      onClose={onClose}
      actions={
        <Link
          className="button button-outline"
          to="/events"
          search={table === ALL_EVENTS ? {} : { q: termText('table', table, 'include') }}
        >
          {t('show')}
        </Link>
      }
    >
      {error && <ErrorState error={error} onRetry={() => void refetch()} />}
      {!error && data === undefined && <Loading />}
      {data && (
        <>
          <p>{pick(data.about)}</p>
          <Columns columns={data.columns} />
        </>
      )}
    </Flyout>
  );
}

function Columns({ columns }: Pick<TableColumns, 'columns'>) {
  const t = useTexts(tablesTexts);
  const pick = usePick();
  return (
    <table className="columns-table">
      <thead>
        <tr>
          <th scope="col">{t('column')}</th>
          <th scope="col">{t('type')}</th>
          <th scope="col">{t('meaning')}</th>
        </tr>
      </thead>
      <tbody>
        {columns.map((column) => (
          <tr key={column.column}>
            <th scope="row" className="mono">
              <Plain text={column.column} />
            </th>
            <td>{column.unit === null ? column.type : `${column.type}, ${column.unit}`}</td>
            <td>
              {pick(column.meaning)}
              {column.doubt.map((text) => (
                <span key={text} className="columns-doubt">
                  {t('doubt', { text })}
                </span>
              ))}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

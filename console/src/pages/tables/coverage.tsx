import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { statusQuery } from '../../api/queries';
import { useNumbers, useTexts } from '../../i18n/lang';
import { CoverageStrip, StripLegend } from '../../parts/coverage-strip/strip';
import type { Coverage, TableCoverage } from '../../parts/coverage-strip/types';
import { CoverageWords } from '../../parts/coverage-strip/words';
import { spelledOut } from '../../parts/escape';
import { Select } from '../../parts/field';
import { Axis } from '../../parts/histogram/axis';
import { Plain } from '../../parts/plain';
import { termText } from '../../parts/query-bar/terms';
import { ErrorState, Loading, Notice } from '../../parts/states';
import { VerdictMark } from '../../parts/verdict-mark';
import { coverageQuery } from '../events/data';
import { tablesTexts } from './texts';
import './tables.css';

const route = getRouteApi('/coverage');

/** What was searched of every org and table, day by day, and what could not be seen. */
export default function CoveragePage() {
  const t = useTexts(tablesTexts);
  const { org } = route.useSearch();
  const { data, error, refetch } = useQuery(coverageQuery);
  const orgs = (data?.orgs ?? []).filter((covered) => org?.includes(covered.org) ?? true);
  return (
    <div className="tables">
      <header className="tables-head">
        <h1>{t('coverage')}</h1>
        <OrgChoice />
        <StripLegend />
      </header>
      <p className="quiet">{t('coverageWhy')}</p>
      {error && <ErrorState error={error} onRetry={() => void refetch()} />}
      {!error && data === undefined && <Loading />}
      {data && orgs.length === 0 && <Notice title={t('noCoverage')} why={t('noneWhy')} />}
      {data && <Orgs coverage={{ ...data, orgs }} />}
    </div>
  );
}

function OrgChoice() {
  const t = useTexts(tablesTexts);
  const { org } = route.useSearch();
  const navigate = route.useNavigate();
  const { data: status } = useQuery(statusQuery);
  return (
    <Select
      label={t('org')}
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
  );
}

function Orgs({ coverage }: { coverage: Coverage }) {
  const span = spanOf(coverage);
  return coverage.orgs.map(({ org, verdict, tables }) => (
    <section key={org} className="coverage-org" aria-label={org}>
      <header className="coverage-head">
        <h2>
          <Plain text={org} />
        </h2>
        <VerdictMark verdict={verdict} />
        {span && (
          <div className="coverage-axis">
            <Axis fromMs={span.fromMs} toMs={span.toMs} most={8} />
          </div>
        )}
      </header>
      {tables.map((table) => (
        <TableRow key={table.table} table={table} span={span} />
      ))}
    </section>
  ));
}

function TableRow({ table, span }: { table: TableCoverage; span: Span | null }) {
  const t = useTexts(tablesTexts);
  const { number } = useNumbers();
  return (
    <div className="coverage-row">
      <div className="coverage-table">
        <Link
          to="/events"
          search={{ q: termText('table', table.table, 'include'), org: [table.org] }}
          aria-label={t('showOf', { table: table.table })}
        >
          <Plain text={table.table} />
        </Link>
        <span className="number">{number(table.events)}</span>
      </div>
      <div>{span && <CoverageStrip table={table} fromMs={span.fromMs} toMs={span.toMs} />}</div>
      <CoverageWords table={table} />
    </div>
  );
}

interface Span {
  fromMs: number;
  toMs: number;
}

const DAY_MS = 86_400_000;

/** Returns the days that any table speaks of, so that all strips share one axis. */
function spanOf(coverage: Coverage): Span | null {
  const days = coverage.orgs
    .flatMap((org) => org.tables.flatMap((table) => table.days.map(({ day }) => day)))
    .sort();
  const [first, last] = [days[0], days.at(-1)];
  if (first === undefined || last === undefined) return null;
  return { fromMs: Date.parse(`${first}T00:00:00Z`), toMs: Date.parse(`${last}T00:00:00Z`) + DAY_MS };
}

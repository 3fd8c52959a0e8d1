import { usePick, useTexts } from '../../i18n/lang';
import { Badge } from '../badge';
import { TimeRange } from '../time';
import { coverageStripTexts } from './texts';
import type { Blind, Gap, TableCoverage } from './types';
import './words.css';

/** Losses in words before the rest is only counted. */
const MOST_GAPS = 3;

/** What of a table could not be seen, in words. */
export function CoverageWords({ table }: { table: TableCoverage }) {
  const t = useTexts(coverageStripTexts);
  const gaps = table.gaps.slice(0, MOST_GAPS);
  return (
    <ul className="coverage-words">
      {gaps.map((gap) => (
        <GapWords key={`${gap.from}/${gap.reason}`} gap={gap} />
      ))}
      {table.gap_count > gaps.length && <li>{t('moreGaps', { n: table.gap_count - gaps.length })}</li>}
      {table.late && (
        <li>
          {t('late')}: <TimeRange from={table.late.from} to={table.late.to} />
        </li>
      )}
      {table.blind.map((blind) => (
        <BlindWords key={`${blind.reason}/${blind.columns.join()}/${blind.what ?? ''}`} blind={blind} />
      ))}
      {table.is_capped && <li>{t('capped')}</li>}
      <li className="quiet">
        {[
          ...(table.gap_count === 0 ? [t('noLoss')] : []),
          ...(table.quiet_hours > 0 ? [t('quiet', { n: table.quiet_hours })] : []),
          ...(table.undated > 0 ? [t('undated', { n: table.undated })] : []),
        ].join(' · ')}
      </li>
    </ul>
  );
}

function GapWords({ gap }: { gap: Gap }) {
  const t = useTexts(coverageStripTexts);
  return (
    <li>
      <strong>{t('gap')}</strong> <TimeRange from={gap.from} to={gap.to} />: {t(`reason_${gap.reason}`)}
      {gap.expected_events != null && (
        <span className="quiet"> ({t('expected', { n: Math.round(gap.expected_events) })})</span>
      )}
    </li>
  );
}

function BlindWords({ blind }: { blind: Blind }) {
  const t = useTexts(coverageStripTexts);
  const pick = usePick();
  const values = {
    columns: blind.columns.join(', '),
    rows: blind.rows == null ? t('allRows') : t('rows', { n: blind.rows }),
    what: blind.what ?? '',
  };
  return (
    <li>
      <strong>
        {blind.kinds.length === 0 ? t('blind') : t('blindFor', { kinds: blind.kinds.join(', ') })}
      </strong>
      : {t(`blind_${blind.reason}`, values)}
      {blind.when != null && <span className="quiet"> ({pick(blind.when)})</span>}{' '}
      {blind.decides && <Badge kind="dashed">{t('decides')}</Badge>}
    </li>
  );
}

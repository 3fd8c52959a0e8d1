import { useQuery } from '@tanstack/react-query';
import { useRef } from 'react';
import { statusQuery, verdictQuery } from '../../api/queries';
import type { Sheet, Status } from '../../api/types';
import { useTexts } from '../../i18n/lang';
import { Plain } from '../../parts/plain';
import { ErrorState, Loading, Notice } from '../../parts/states';
import { VerdictMark } from '../../parts/verdict-mark';
import { DemoBand } from './demo-band';
import { SheetHead } from './head';
import { anchorOf, OrgForm } from './org-form';
import { usePaperLines } from './paper';
import { planPrint } from './print-plan';
import { verdictTexts } from './texts';
import './verdict.css';
import './verdict-print.css';

/** The verdict sheet, the first screen. */
export default function VerdictPage() {
  const t = useTexts(verdictTexts);
  const { data: sheet, error, refetch } = useQuery(verdictQuery);
  const { data: status } = useQuery(statusQuery);
  if (error !== null) return <ErrorState isPage error={error} onRetry={() => void refetch()} />;
  if (sheet === undefined) return <Loading />;
  if (sheet.orgs.length === 0) return <Notice isPage title={t('noData')} why={t('noDataWhy')} />;
  return <SheetPage sheet={sheet} status={status} />;
}

function SheetPage({ sheet, status }: { sheet: Sheet; status: Status | undefined }) {
  const t = useTexts(verdictTexts);
  const paper = useRef<HTMLElement>(null);
  const lines = usePaperLines(paper);
  const plan = planPrint(sheet, lines ?? Number.POSITIVE_INFINITY);
  return (
    <article ref={paper} className={lines === null ? 'sheet' : 'sheet paper'}>
      {status?.is_demo === true && <DemoBand acts={status.acts} />}
      <SheetHead sheet={sheet} />
      <OrgIndex sheet={sheet} />
      {sheet.orgs.map((org, index) => (
        <OrgForm key={org.org} org={org} plan={plan.orgs[index]} />
      ))}
      {plan.orgsLeftOut > 0 && <p className="print-only">{t('moreOrgs', { n: plan.orgsLeftOut })}</p>}
    </article>
  );
}

/** The orgs with their verdicts in one line, each leading to its form. */
function OrgIndex({ sheet }: { sheet: Sheet }) {
  const t = useTexts(verdictTexts);
  return (
    <nav className="org-index screen-only" aria-label={t('orgsNav')}>
      {sheet.orgs.map((org) => (
        <a key={org.org} href={`#${anchorOf(org.org)}`} className="org-index-entry">
          <VerdictMark verdict={org.verdict} />
          <Plain text={org.org} />
        </a>
      ))}
    </nav>
  );
}

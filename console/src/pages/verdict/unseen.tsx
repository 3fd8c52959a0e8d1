import { Link } from '@tanstack/react-router';
import type { OrgSheet, SheetUnseen } from '../../api/types';
import { usePick, useTexts } from '../../i18n/lang';
import { Badge } from '../../parts/badge';
import { Plain } from '../../parts/plain';
import { Prose } from '../../parts/prose';
import { TimeRange } from '../../parts/time';
import { printClass } from './print-plan';
import { verdictTexts } from './texts';

/** What could not be seen, and which log would settle it. */
export function UnseenList({ org, printed }: { org: OrgSheet; printed: number }) {
  const t = useTexts(verdictTexts);
  if (org.unseen.length === 0) return <span className="quiet">{t('unseenNothing')}</span>;
  return (
    <>
      {printed === 0 && (
        <span className="print-only quiet">{t('unseenInConsole', { n: org.unseen_count })}</span>
      )}
      <ul className="unseen">
        {org.unseen.map((unseen, index) => (
          <UnseenItem
            // biome-ignore lint/suspicious/noArrayIndexKey: the sheet's order does not change
            key={index}
            unseen={unseen}
            org={org.org}
            className={printClass(index, printed)}
          />
        ))}
      </ul>
    </>
  );
}

interface UnseenItemProps {
  unseen: SheetUnseen;
  org: string;
  className: string | undefined;
}

function UnseenItem({ unseen, org, className = '' }: UnseenItemProps) {
  const t = useTexts(verdictTexts);
  const pick = usePick();
  return (
    <li className={`unseen-item ${className}`}>
      <span className="unseen-kind">
        <Badge kind="dashed">{t(unseen.kind)}</Badge>
      </span>
      <div>
        <Prose text={pick(unseen.text)} />{' '}
        <span className="unseen-where">
          {unseen.table !== null && (
            <Link to="/coverage" search={{ org: [org] }} className="mono">
              <Plain text={unseen.table} />
            </Link>
          )}{' '}
          {(unseen.from !== null || unseen.to !== null) && <TimeRange from={unseen.from} to={unseen.to} />}{' '}
          {unseen.expected_events !== null && t('expected', { n: unseen.expected_events })}
        </span>
      </div>
      {unseen.settle !== null && (
        <div className="unseen-settle">
          <p>
            <span className="quiet">{t('settle')}</span>{' '}
            <b>
              <Plain text={unseen.settle.log} />
            </b>{' '}
            <span className="unseen-how">
              <Prose text={pick(unseen.settle.text)} />
            </span>
          </p>
        </div>
      )}
    </li>
  );
}

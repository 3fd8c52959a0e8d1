import type { ReactNode } from 'react';
import type { Sheet } from '../../api/types';
import { useNumbers, useTexts } from '../../i18n/lang';
import { Button } from '../../parts/button';
import { Mark } from '../../parts/mark';
import { Plain } from '../../parts/plain';
import { Time, TimeRange } from '../../parts/time';
import { VerdictMark } from '../../parts/verdict-mark';
import { verdictTexts } from './texts';

/** The head of the sheet: the verdict over all orgs, and what it rests on. */
export function SheetHead({ sheet }: { sheet: Sheet }) {
  const t = useTexts(verdictTexts);
  return (
    <header className="sheet-head">
      <div className="sheet-title">
        <h1>{t('title')}</h1>
        <Button className="screen-only" onClick={() => window.print()}>
          {t('print')}
        </Button>
        <span className="print-only">
          <span className="sheet-name">
            <Mark /> Sekisho 関所
          </span>
        </span>
      </div>
      <div className="sheet-overall">
        <VerdictMark verdict={sheet.verdict} size="large" />
        <p className="sheet-sentence">{useSentence(sheet)}</p>
      </div>
      <Basis sheet={sheet} />
    </header>
  );
}

function useSentence(sheet: Sheet): string {
  const t = useTexts(verdictTexts);
  const total = sheet.orgs.length;
  const count = (verdict: Sheet['verdict']) => sheet.orgs.filter((org) => org.verdict === verdict).length;
  const [hit, open] = [count('hit'), count('inconclusive')];
  if (hit > 0) {
    const also = open > 0 ? t('alsoOpen', { n: open }) : '';
    return [t('overallHit', { n: hit, total }), also].filter((part) => part !== '').join(t('join'));
  }
  if (open > 0) return t('overallOpen', { n: open, total });
  return t('overallClear', { n: total });
}

/** What was searched, with what. */
function Basis({ sheet }: { sheet: Sheet }) {
  const t = useTexts(verdictTexts);
  const { number } = useNumbers();
  return (
    <dl className="basis">
      <Cell name={t('searched')}>
        {sheet.from === null && sheet.to === null ? (
          t('wholeStore')
        ) : (
          <TimeRange from={sheet.from} to={sheet.to} />
        )}
      </Cell>
      <Cell name={t('made')}>
        <Time at={sheet.made_at} detail="minute" />
      </Cell>
      <Cell name={t('lists')} className="basis-lists">
        {sheet.lists.length === 0 && t('none')}
        {sheet.lists.map((list) => (
          <div key={`${list.name} ${list.version}`}>
            <b>
              <Plain text={list.name} /> {list.version !== null && <Plain text={list.version} />}
            </b>{' '}
            <span className="quiet">
              {t('listLine', { n: list.indicators })}
              {list.as_of !== null && ` · ${t('asOf', { date: list.as_of })}`}
            </span>
          </div>
        ))}
      </Cell>
      <Cell name={t('allowLists')}>
        {sheet.allow_lists.length === 0 && t('none')}
        {sheet.allow_lists.map((list) => (
          <div key={list.name}>{t('rangesLine', { app: list.app, n: list.ranges })}</div>
        ))}
      </Cell>
      <Cell name={t('rules')}>{number(sheet.rules)}</Cell>
    </dl>
  );
}

function Cell({ name, className = '', children }: { name: string; className?: string; children: ReactNode }) {
  return (
    <div className={`basis-cell ${className}`}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

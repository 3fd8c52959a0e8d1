import { Link } from '@tanstack/react-router';
import type { OrgSheet } from '../../api/types';
import { useNumbers, usePick, useTexts } from '../../i18n/lang';
import { Plain } from '../../parts/plain';
import { Prose } from '../../parts/prose';
import { quote } from '../../parts/query-bar/terms';
import { Severity } from '../../parts/severity';
import { TimeRange } from '../../parts/time';
import { VerdictMark } from '../../parts/verdict-mark';
import { LEVELS } from '../findings/search';
import { Actors } from './actors';
import { EventsFigure, FormRow, More } from './figures';
import { Objects } from './objects';
import { type OrgPlan, printClass } from './print-plan';
import { verdictTexts } from './texts';
import { UnseenList } from './unseen';

/** What the sheet says of one org, as a form: verdict at the side, what is known of it in rows. */
export function OrgForm({ org, plan }: { org: OrgSheet; plan: OrgPlan | undefined }) {
  return (
    <section
      id={anchorOf(org.org)}
      className={`org org-${org.verdict} ${printClassOf(plan)}`}
      aria-labelledby={`${anchorOf(org.org)}-name`}
    >
      <Side org={org} />
      <div className="org-rows">
        <Rows org={org} plan={plan ?? NOTHING} />
      </div>
    </section>
  );
}

const NOTHING: OrgPlan = { isBrief: true, actors: 0, objects: 0, weak: 0, unseen: 0, next: 0 };

function printClassOf(plan: OrgPlan | undefined): string {
  if (plan === undefined) return 'screen-only';
  return plan.isBrief ? 'org-brief' : '';
}

function Rows({ org, plan }: { org: OrgSheet; plan: OrgPlan }) {
  const t = useTexts(verdictTexts);
  return (
    <>
      {org.actors.length > 0 && (
        <FormRow
          label={t('who')}
          more={<More shown={org.actors.length} printed={plan.actors} count={org.actor_count} />}
          isPrinted={plan.actors > 0}
        >
          <Actors org={org} printed={plan.actors} />
        </FormRow>
      )}
      {org.objects.length > 0 && (
        <FormRow
          label={t('what')}
          more={<More shown={org.objects.length} printed={plan.objects} count={org.object_count} />}
          isPrinted={plan.objects > 0}
        >
          <Objects org={org} printed={plan.objects} />
        </FormRow>
      )}
      {org.weak.length > 0 && (
        <FormRow label={t('weak')} isPrinted={plan.weak > 0}>
          <WeakList org={org} printed={plan.weak} />
        </FormRow>
      )}
      <FormRow
        label={t('unseen')}
        more={
          <More
            shown={org.unseen.length}
            printed={plan.unseen === 0 ? org.unseen_count : plan.unseen}
            count={org.unseen_count}
          />
        }
        isPrinted={!plan.isBrief}
      >
        <UnseenList org={org} printed={plan.unseen} />
      </FormRow>
      {org.next.length > 0 && (
        <FormRow label={t('next')} isPrinted={plan.next > 0}>
          <Steps org={org} printed={plan.next} />
        </FormRow>
      )}
    </>
  );
}

/** Returns the place of an org on the page; names are attacker-written, so they become letters and digits. */
export function anchorOf(org: string): string {
  return `org-${org.replace(/[^a-z0-9]/gi, '-')}`;
}

function Side({ org }: { org: OrgSheet }) {
  const t = useTexts(verdictTexts);
  return (
    <div className="org-side">
      <h2 id={`${anchorOf(org.org)}-name`} className="org-name">
        <Plain text={org.org} />
      </h2>
      <VerdictMark verdict={org.verdict} size="large" />
      {org.because.length > 0 && (
        <ul className="org-because">
          {org.because.map((because) => (
            <li key={because}>{t(because === 'indicator' ? 'becauseIndicator' : 'becauseOutside')}</li>
          ))}
        </ul>
      )}
      <dl className="org-figures">
        <OrgFigure name={t('hits')} value={org.hits} isZeroLeftOut={false} org={org.org} />
        <OrgFigure name={t('outside')} value={org.outside_allow_list} org={org.org} />
        <OrgFigure name={t('weakHits')} value={org.weak_hits} org={org.org} />
        <div>
          <dt>{t('events')}</dt>
          <dd>
            <EventsFigure value={org.events} org={org.org} />
          </dd>
        </div>
      </dl>
      <p className="org-span quiet">
        <TimeRange from={org.from} to={org.to} detail="day" />
      </p>
      <Levels org={org} />
    </div>
  );
}

interface OrgFigureProps {
  name: string;
  value: number;
  org: string;
  isZeroLeftOut?: boolean;
}

function OrgFigure({ name, value, org, isZeroLeftOut = true }: OrgFigureProps) {
  if (value === 0 && isZeroLeftOut) return null;
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        <FindingsFigure value={value} org={org} />
      </dd>
    </div>
  );
}

function Levels({ org }: { org: OrgSheet }) {
  const t = useTexts(verdictTexts);
  const levels = LEVELS.filter((level) => org.findings[level] > 0);
  if (levels.length === 0) return null;
  return (
    <dl className="org-levels" aria-label={t('findings')}>
      {levels.map((level) => (
        <div key={level}>
          <dt>
            <Severity level={level} />
          </dt>
          <dd>
            <Link to="/findings" search={{ org: [org.org], level: [level] }}>
              {org.findings[level]}
            </Link>
          </dd>
        </div>
      ))}
    </dl>
  );
}

function FindingsFigure({ value, org }: { value: number; org: string }) {
  const { number } = useNumbers();
  return value === 0 ? (
    <>0</>
  ) : (
    <Link to="/findings" search={{ org: [org] }}>
      {number(value)}
    </Link>
  );
}

function WeakList({ org, printed }: { org: OrgSheet; printed: number }) {
  const t = useTexts(verdictTexts);
  return (
    <ul>
      {org.weak.map((weak, index) => (
        <li key={weak.indicator} className={printClass(index, printed)}>
          <Link to="/events" search={{ q: quote(weak.indicator), org: [org.org] }} className="mono">
            <Plain text={weak.indicator} />
          </Link>{' '}
          <span className="quiet">
            {weak.kind} · {t('weakLine', { n: weak.events, columns: weak.columns.join(', ') })}
          </span>
        </li>
      ))}
    </ul>
  );
}

function Steps({ org, printed }: { org: OrgSheet; printed: number }) {
  const pick = usePick();
  return (
    <ol className="steps">
      {org.next.map((step, index) => (
        <li key={step.code} className={printClass(index, printed)}>
          <Prose text={pick(step.text)} />
        </li>
      ))}
    </ol>
  );
}

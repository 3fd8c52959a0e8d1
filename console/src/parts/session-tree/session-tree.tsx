import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTexts } from '../../i18n/lang';
import { Badge } from '../badge';
import { Copy } from '../copy';
import { Axis } from '../histogram/axis';
import { Plain } from '../plain';
import { termText } from '../query-bar/terms';
import { Time, TimeRange } from '../time';
import { placeOf, spanOfTree, type TreeSpan } from './span';
import { sessionTreeTexts } from './texts';
import type { Login, Session, SessionKind, SessionTree as Tree } from './types';
import './session-tree.css';

/** Tables named per session before the rest is only counted. */
const MOST_TABLES = 4;

/** A login and its sessions: how each began, who, from where, and when on one axis. */
export function SessionTree({ tree, asked }: { tree: Tree; asked: string }) {
  const t = useTexts(sessionTreeTexts);
  const span = spanOfTree(tree);
  return (
    <div className="tree">
      <div className="tree-row tree-login">
        <div className="tree-what">
          {tree.login ? <LoginRow login={tree.login} /> : <p>{t('noLogin')}</p>}
        </div>
        <div className="tree-lane">
          {span && <Axis fromMs={span.fromMs} toMs={span.toMs} most={5} />}
          {span && tree.login?.time && <LoginTick span={span} time={tree.login.time} />}
        </div>
      </div>
      <ol className="tree-sessions" aria-label={t('sessions')}>
        {tree.sessions.map((session) => (
          <SessionRow
            key={session.session_key}
            session={session}
            org={tree.orgs}
            span={span}
            isAsked={session.session_key === asked}
          />
        ))}
      </ol>
      {tree.is_capped && <p className="tree-capped">{t('capped')}</p>}
    </div>
  );
}

function LoginRow({ login }: { login: Login }) {
  const t = useTexts(sessionTreeTexts);
  return (
    <>
      <h3 className="tree-name">
        {t('loginRow')} <Time at={login.time} />
      </h3>
      <dl className="tree-facts">
        <Fact name={t('user')} values={[login.user]} />
        <Fact name={t('app')} values={[login.app, login.action]} />
        <Fact name={t('addresses')} values={[login.src_ip, login.country]} isMono />
        <Fact name={t('devices')} values={[login.user_agent]} />
      </dl>
      {login.event_uid !== null && (
        <Link
          to="/events"
          search={{ q: termText('event_uid', login.event_uid, 'include'), event: login.event_uid }}
        >
          {t('loginEvent')}
        </Link>
      )}
    </>
  );
}

function LoginTick({ span, time }: { span: TreeSpan; time: string }) {
  const { left } = placeOf(span, time, time);
  return <span className="tree-login-tick" style={{ insetInlineStart: `${left}%` }} />;
}

function SessionRow(props: {
  session: Session;
  org: readonly string[];
  span: TreeSpan | null;
  isAsked: boolean;
}) {
  const t = useTexts(sessionTreeTexts);
  const { session, org, span, isAsked } = props;
  const key = session.session_key;
  return (
    <li className="tree-row" aria-current={isAsked ? 'true' : undefined}>
      <div className="tree-what">
        <div className="tree-name">
          <KindMark kind={session.kind} />
          <span className="tree-key mono">
            <Plain text={key} />
          </span>
          <Copy value={key} what={key} />
          {isAsked && <Badge kind="solid">{t('asked')}</Badge>}
        </div>
        <p className="tree-kind-words">
          {t(`kind_${session.kind}`)}
          {session.flags.map((flag) => (
            <Badge key={flag} kind="dashed">
              {t(`flag_${flag}`)}
            </Badge>
          ))}
        </p>
        <dl className="tree-facts">
          <Fact name={t('user')} values={[session.user]} />
          <Fact name={t('addresses')} values={session.src_ips} isMono />
          <Fact name={t('devices')} values={session.user_agents} />
          <Fact name={t('tables')} values={useTablesOf(session)} isWide />
          {session.reasons.length > 0 && (
            <Fact name={t('why')} values={session.reasons.map((reason) => t(`reason_${reason}`))} isWide />
          )}
        </dl>
        {session.is_capped && <p className="quiet">{t('capped')}</p>}
        <Link
          className="tree-events"
          to="/events"
          search={{ q: termText('session_key', key, 'include'), org: org.length > 1 ? undefined : [...org] }}
        >
          {t('eventsOf', { n: session.events })}
        </Link>
      </div>
      <div className="tree-lane">{span && <Span span={span} session={session} />}</div>
    </li>
  );
}

function Span({ span, session }: { span: TreeSpan; session: Session }) {
  const t = useTexts(sessionTreeTexts);
  if (session.from === null || session.to === null) return <span className="quiet">{t('unknown')}</span>;
  const { left, width } = placeOf(span, session.from, session.to);
  const isRight = left + width / 2 > 50;
  return (
    <>
      <span
        className={`tree-span tree-span-${session.kind}`}
        style={{ insetInlineStart: `${left}%`, inlineSize: `${width}%` }}
      />
      <span
        className="tree-when"
        style={
          isRight
            ? { insetInlineEnd: `${Math.max(0, 100 - left - width)}%` }
            : { insetInlineStart: `${left}%` }
        }
      >
        <TimeRange from={session.from} to={session.to} detail="second" />
        {' · '}
        {t('events', { n: session.events })}
      </span>
    </>
  );
}

/** The kind by its word and its shape, so that it is told apart without colour. */
export function KindMark({ kind }: { kind: SessionKind }) {
  return (
    <span className={`kind kind-${kind}`}>
      <svg className="kind-shape" viewBox="0 0 14 14" aria-hidden="true" focusable="false">
        {kind === 'login' && <circle cx="7" cy="7" r="5.5" fill="currentcolor" />}
        {kind === 'login_as' && (
          <path d="M7 1l6 6-6 6-6-6zM4.2 7h5.6" fill="none" stroke="currentcolor" strokeWidth="1.8" />
        )}
        {kind === 'frontdoor' && (
          <path
            d="M2.5 13V1.5h9V13M7 13V5M4 9.5L7 13l3-3.5"
            fill="none"
            stroke="currentcolor"
            strokeWidth="1.6"
          />
        )}
        {kind === 'unknown' && (
          <circle
            cx="7"
            cy="7"
            r="5.5"
            fill="none"
            stroke="currentcolor"
            strokeWidth="1.6"
            strokeDasharray="2.4 2"
          />
        )}
      </svg>
      {kind}
    </span>
  );
}

function Fact(props: {
  name: string;
  values: readonly (string | null)[];
  isMono?: boolean;
  isWide?: boolean;
}) {
  const t = useTexts(sessionTreeTexts);
  const known = props.values.filter((value) => value !== null && value !== '');
  return (
    <div className={props.isWide ? 'tree-fact tree-fact-wide' : 'tree-fact'}>
      <dt>{props.name}</dt>
      <dd className={props.isMono ? 'mono' : undefined}>
        {known.length === 0 ? <span className="quiet">{t('unknown')}</span> : <Values values={known} />}
      </dd>
    </div>
  );
}

function Values({ values }: { values: readonly (string | null)[] }): ReactNode {
  return values.map((value, index) => (
    <span key={value}>
      {index > 0 && ' · '}
      <Plain text={value ?? ''} />
    </span>
  ));
}

function useTablesOf(session: Session): string[] {
  const t = useTexts(sessionTreeTexts);
  const sorted = Object.entries(session.tables).sort((a, b) => b[1] - a[1]);
  const named = sorted.slice(0, MOST_TABLES).map(([table, events]) => `${table} (${events})`);
  const rest = sorted.length - named.length;
  return rest > 0 ? [...named, t('moreTables', { n: rest })] : named;
}

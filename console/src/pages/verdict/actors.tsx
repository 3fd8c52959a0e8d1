import { Link } from '@tanstack/react-router';
import type { OrgSheet, SheetActor } from '../../api/types';
import { useTexts } from '../../i18n/lang';
import { Badge } from '../../parts/badge';
import { Plain } from '../../parts/plain';
import { quote } from '../../parts/query-bar/terms';
import { TimeRange } from '../../parts/time';
import { Columns, EventsFigure, More } from './figures';
import { printClass } from './print-plan';
import { verdictTexts } from './texts';

/** Who got in: application, user, session, network. */
export function Actors({ org, printed }: { org: OrgSheet; printed: number }) {
  const t = useTexts(verdictTexts);
  return (
    <table className="form-table actors">
      <Columns widths={[30, 16, 0, 19, 8]} />
      <thead>
        <tr>
          <th scope="col">{t('app')}</th>
          <th scope="col">{t('session')}</th>
          <th scope="col">{t('network')}</th>
          <th scope="col">{t('when')}</th>
          <th scope="col" className="number">
            {t('events')}
          </th>
        </tr>
      </thead>
      <tbody>
        {org.actors.map((actor, index) => (
          <ActorRow
            // biome-ignore lint/suspicious/noArrayIndexKey: the sheet's order does not change
            key={index}
            actor={actor}
            org={org.org}
            className={printClass(index, printed)}
          />
        ))}
      </tbody>
    </table>
  );
}

function ActorRow({
  actor,
  org,
  className,
}: {
  actor: SheetActor;
  org: string;
  className: string | undefined;
}) {
  const t = useTexts(verdictTexts);
  return (
    <tr className={className}>
      <td className="actor-who">
        <Who actor={actor} />
        {actor.is_outside_allow_list && (
          <div>
            <Badge kind="dashed">{t('outsideMark')}</Badge>
          </div>
        )}
      </td>
      <td>
        <Sessions actor={actor} org={org} />
      </td>
      <td>
        <Addresses actor={actor} org={org} />
        <div className="actor-agents">
          {actor.user_agents.map((agent) => (
            <div key={agent} className="mono actor-agent">
              <Plain text={agent} />
            </div>
          ))}
        </div>
      </td>
      <td>
        <TimeRange from={actor.from} to={actor.to} />
      </td>
      <td className="number">
        <EventsFigure value={actor.events} q={actor.query} org={org} />
      </td>
    </tr>
  );
}

/** The application and, below it, the user; the user alone where the log names no application. */
function Who({ actor }: { actor: SheetActor }) {
  const t = useTexts(verdictTexts);
  const user =
    actor.user === null ? <span className="quiet">{t('userUnknown')}</span> : <Plain text={actor.user} />;
  if (actor.app === null) {
    return (
      <>
        <b className="actor-user clamp">{user}</b>
        <div className="quiet">{t('appUnknown')}</div>
      </>
    );
  }
  return (
    <>
      <b>
        <Plain text={actor.app} />
      </b>
      <div className="actor-user clamp">{user}</div>
    </>
  );
}

// On paper two sessions or tokens are enough to know them by; all are a click away.
const KEYS_PRINTED = 2;

function Sessions({ actor, org }: { actor: SheetActor; org: string }) {
  const t = useTexts(verdictTexts);
  if (actor.sessions.length === 0 && actor.tokens.length === 0) {
    return <span className="quiet">{t('noSession')}</span>;
  }
  return (
    <>
      <ul>
        {actor.sessions.map((key, index) => (
          <li key={key} className={printClass(index, KEYS_PRINTED)}>
            <Link to="/session" search={{ key, org: [org] }} className="mono">
              <Plain text={key} />
            </Link>
          </li>
        ))}
      </ul>
      <MoreKeys shown={actor.sessions.length} count={actor.session_count} />
      <ul>
        {actor.tokens.map((token, index) => (
          <li key={token} className={printClass(index, KEYS_PRINTED)}>
            <span className="quiet">{t('token')}</span>{' '}
            <Link
              to="/events"
              search={{ q: `token_id:${quote(token)}`, org: [org] }}
              className="mono actor-token"
            >
              <Plain text={token} />
            </Link>
          </li>
        ))}
      </ul>
      <MoreKeys shown={actor.tokens.length} count={actor.token_count} />
    </>
  );
}

function MoreKeys({ shown, count }: { shown: number; count: number }) {
  return <More shown={shown} printed={Math.min(KEYS_PRINTED, shown)} count={count} />;
}

function Addresses({ actor, org }: { actor: SheetActor; org: string }) {
  return (
    <span className="actor-addresses">
      {actor.addresses.map((address) => (
        <Link
          key={address}
          to="/events"
          search={{ q: `src_ip:${quote(address)}`, org: [org] }}
          className="mono nowrap"
        >
          <Plain text={address} />
        </Link>
      ))}
      <More shown={actor.addresses.length} printed={actor.addresses.length} count={actor.address_count} />
    </span>
  );
}

import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useKeys } from '../../app/keys';
import { useTexts } from '../../i18n/lang';
import { Copy } from '../../parts/copy';
import { Plain } from '../../parts/plain';
import { termText } from '../../parts/query-bar/terms';
import { SessionTree } from '../../parts/session-tree/session-tree';
import type { SessionTree as Tree } from '../../parts/session-tree/types';
import { ErrorState, Loading, Notice } from '../../parts/states';
import { treeQuery } from './data';
import { sessionTexts } from './texts';

const route = getRouteApi('/session');

/** The login that a key is of, or belongs to, with all its sessions. */
export function TreePage({ sessionKey }: { sessionKey: string }) {
  const t = useTexts(sessionTexts);
  const navigate = route.useNavigate();
  const { data, error, refetch } = useQuery(treeQuery(sessionKey));
  const back = () => void navigate({ search: ({ key: _, ...rest }) => rest });
  useKeys([{ keys: 'Escape', does: t('keyBack'), run: back }]);
  return (
    <div className="session">
      <header className="session-head">
        <h1>{t('treeTitle')}</h1>
        <Link from="/session" to="." search={({ key: _, ...rest }) => rest}>
          {t('back')}
        </Link>
      </header>
      {error && <ErrorState error={error} onRetry={() => void refetch()} />}
      {!error && data === undefined && <Loading />}
      {data && <Head tree={data} />}
      {data && data.orgs.length > 1 && <Notice title={t('severalOrgs')} />}
      {data && <SessionTree tree={data} asked={sessionKey} />}
    </div>
  );
}

/** Whose login it is, and the way to all of its events. */
function Head({ tree }: { tree: Tree }) {
  const t = useTexts(sessionTexts);
  return (
    <div className="session-summary">
      <dl className="session-facts">
        <div>
          <dt>{t('loginKey')}</dt>
          <dd className="mono">
            {tree.login_key === null ? (
              <span className="quiet">{t('noLoginKey')}</span>
            ) : (
              <>
                <Plain text={tree.login_key} /> <Copy value={tree.login_key} what={t('loginKey')} />
              </>
            )}
          </dd>
        </div>
        <div>
          <dt>{t('user')}</dt>
          <dd>
            {tree.user === null ? <span className="quiet">{t('unknown')}</span> : <Plain text={tree.user} />}
          </dd>
        </div>
        <div>
          <dt>{t('orgs')}</dt>
          <dd>
            <Plain text={tree.orgs.join(' · ')} />
          </dd>
        </div>
      </dl>
      {tree.login_key !== null && (
        <div className="session-all">
          <Link
            className="button button-outline"
            to="/events"
            search={{ q: termText('login_key', tree.login_key, 'include') }}
          >
            {t('allEvents')}
          </Link>
          {tree.events_without_session > 0 && (
            <span className="quiet">{t('without', { n: tree.events_without_session })}</span>
          )}
        </div>
      )}
    </div>
  );
}

import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { findingQuery } from '../../api/queries';
import type { Finding } from '../../api/types';
import { usePick, useTexts } from '../../i18n/lang';
import { Badge } from '../../parts/badge';
import { Copy } from '../../parts/copy';
import { Flyout } from '../../parts/flyout';
import { Plain } from '../../parts/plain';
import { Severity } from '../../parts/severity';
import { ErrorState, Loading } from '../../parts/states';
import { TimeRange } from '../../parts/time';
import { Author } from './findings-table';
import { findingsTexts } from './texts';

/** One finding beside the list: what the rule says of itself, and the ways to its events. */
export function FindingFlyout({ id, onClose }: { id: string; onClose: () => void }) {
  const t = useTexts(findingsTexts);
  const pick = usePick();
  const { data, error, refetch } = useQuery(findingQuery(id));
  return (
    <Flyout title={data === undefined ? t('title') : <Plain text={pick(data.title)} />} onClose={onClose}>
      {error !== null && <ErrorState error={error} onRetry={() => void refetch()} />}
      {data === undefined && error === null && <Loading />}
      {data !== undefined && <Body finding={data} />}
    </Flyout>
  );
}

function Body({ finding }: { finding: Finding }) {
  const t = useTexts(findingsTexts);
  const pick = usePick();
  return (
    <div className="finding">
      <Facts finding={finding} />
      <Link
        to="/events"
        search={{ q: finding.query, org: [finding.org] }}
        className="button button-main finding-events"
      >
        {t('showEvents', { n: finding.events })}
      </Link>
      {finding.description !== null && (
        <Part title={t('description')}>
          <p className="finding-text">
            <Plain text={pick(finding.description)} />
          </p>
        </Part>
      )}
      <Lines title={t('falsepositives')} lines={finding.falsepositives} />
      <Part title={t('examples')}>
        <ul>
          {finding.examples.map((uid) => (
            <li key={uid}>
              <Link
                to="/events"
                search={{ q: finding.query, org: [finding.org], event: uid }}
                className="mono"
              >
                {uid}
              </Link>
            </li>
          ))}
        </ul>
      </Part>
      <Lines title={t('references')} lines={finding.references} />
    </div>
  );
}

function Facts({ finding }: { finding: Finding }) {
  const t = useTexts(findingsTexts);
  const pick = usePick();
  return (
    <dl className="facts">
      <Fact name={t('level')}>
        <Severity level={finding.level} />
      </Fact>
      <Fact name={t('source')}>
        {t(`source_${finding.source}`)}{' '}
        <Link to="/findings" search={{ rule_id: finding.rule_id }} className="mono">
          <Plain text={finding.rule_id} />
        </Link>
      </Fact>
      <Fact name={t('author')}>
        <Author finding={finding} />
      </Fact>
      <Fact name={t('org')}>
        <Plain text={finding.org} />
      </Fact>
      <Fact name={t('actor')}>
        {finding.actor === null ? (
          <span className="quiet">{t('unknown')}</span>
        ) : (
          <>
            <Plain text={finding.actor} /> <Copy value={finding.actor} what={t('actor')} />
          </>
        )}
      </Fact>
      {finding.sessions.length > 0 && (
        <Fact name={t('sessions', { n: finding.session_count })}>
          {finding.sessions.map((key) => (
            <Link
              key={key}
              to="/session"
              search={{ key, org: [finding.org] }}
              className="mono finding-address"
            >
              <Plain text={key} />
            </Link>
          ))}
          {finding.session_count > finding.sessions.length && (
            <span className="quiet">
              {t('andMore', { n: finding.session_count - finding.sessions.length })}
            </span>
          )}
        </Fact>
      )}
      <Fact name={t('addresses')}>
        {finding.src_ips.map((address) => (
          <span key={address} className="mono finding-address">
            <Plain text={address} />
            <Copy value={address} what={address} />
          </span>
        ))}
      </Fact>
      <Fact name={t('table')}>
        {finding.tables.map((table) => (
          <Link key={table} to="/tables" search={{ table }} className="mono finding-address">
            <Plain text={table} />
          </Link>
        ))}
      </Fact>
      <Fact name={t('when')}>
        <TimeRange from={finding.from} to={finding.to} detail="second" />
      </Fact>
      {finding.act !== null && <Fact name={t('act')}>{pick(finding.act.name)}</Fact>}
      {finding.tags.length > 0 && (
        <Fact name={t('tags')}>
          <span className="finding-tags">
            {finding.tags.map((tag) => (
              <Badge key={tag}>
                <Plain text={tag} />
              </Badge>
            ))}
          </span>
        </Fact>
      )}
    </dl>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="fact">
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="finding-part">
      <h3>{title}</h3>
      {children}
    </section>
  );
}

/** Lines that a rule's author wrote; addresses in them are text, since nothing may lead out of the console. */
function Lines({ title, lines }: { title: string; lines: readonly string[] }) {
  if (lines.length === 0) return null;
  return (
    <Part title={title}>
      <ul className="finding-lines">
        {lines.map((line) => (
          <li key={line}>
            <Plain text={line} />
          </li>
        ))}
      </ul>
    </Part>
  );
}

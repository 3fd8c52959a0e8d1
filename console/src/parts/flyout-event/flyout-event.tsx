import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { EventDetail, SurroundingBy } from '../../api/types';
import { usePick, useTexts } from '../../i18n/lang';
import { Button } from '../button';
import { Copy } from '../copy';
import { Flyout } from '../flyout';
import { Plain } from '../plain';
import type { Stance } from '../query-bar/terms';
import { ErrorState, Loading } from '../states';
import { Tabs } from '../tabs';
import { Time } from '../time';
import { EventFields } from './event-fields';
import { EventSurrounding } from './event-surrounding';
import { flyoutEventTexts } from './texts';
import { EVENT_TABS, type EventTab, eventQuery } from './views';
import './flyout-event.css';

interface FlyoutEventProps {
  uid: string;
  tab: EventTab;
  by: SurroundingBy;
  onTab: (tab: EventTab) => void;
  onBy: (by: SurroundingBy) => void;
  /** Shows another event in the same place. */
  onEvent: (uid: string) => void;
  /** Asks for a value of a common field, or asks it away. */
  onFilter: (field: string, value: string, stance: Stance) => void;
  /** Goes to the row before or after in the list; absent where there is no list. */
  onStep?: (move: 1 | -1) => void;
  onClose: () => void;
}

/** Everything about one event: its fields, the raw row, and what happened around it. */
export function FlyoutEvent(props: FlyoutEventProps) {
  const { uid, tab, onTab, onStep, onClose } = props;
  const t = useTexts(flyoutEventTexts);
  const { data, error, refetch } = useQuery(eventQuery(uid));
  const names = { fields: t('fields'), json: t('json'), surrounding: t('surrounding') };
  return (
    <Flyout
      title={data ? <Title detail={data} /> : uid}
      onClose={onClose}
      actions={
        <>
          {data && <SessionLink detail={data} />}
          {onStep && <Steps onStep={onStep} />}
        </>
      }
    >
      {error ? (
        <ErrorState error={error} onRetry={() => void refetch()} />
      ) : (
        <Tabs
          label={t('tabs')}
          tabs={EVENT_TABS.map((key) => ({ key, name: names[key] }))}
          current={tab}
          onChange={onTab}
        >
          {data ? <Panel {...props} detail={data} /> : <Loading />}
        </Tabs>
      )}
    </Flyout>
  );
}

function Panel(props: FlyoutEventProps & { detail: EventDetail }): ReactNode {
  const { tab, detail, by, onBy, onEvent, onFilter } = props;
  if (tab === 'json') return <Json detail={detail} />;
  if (tab === 'surrounding') {
    return <EventSurrounding event={detail.event} by={by} onBy={onBy} onEvent={onEvent} />;
  }
  return <EventFields detail={detail} onFilter={onFilter} />;
}

function Title({ detail }: { detail: EventDetail }) {
  const pick = usePick();
  return (
    <span className="flyout-event-title">
      <Time at={detail.event.time} detail="full" isCopyable />
      <span className="flyout-event-table">
        <Plain text={detail.table.name} /> <span className="quiet">{pick(detail.table.about)}</span>
      </span>
    </span>
  );
}

function SessionLink({ detail }: { detail: EventDetail }) {
  const t = useTexts(flyoutEventTexts);
  const key = detail.event.session_key ?? detail.event.login_key;
  if (key === null) return null;
  return (
    <Link to="/session" search={{ key }} className="button button-outline">
      {t('openSession')}
    </Link>
  );
}

function Steps({ onStep }: { onStep: (move: 1 | -1) => void }) {
  const t = useTexts(flyoutEventTexts);
  return (
    <>
      <Button kind="plain" aria-label={t('previous')} title={t('previous')} onClick={() => onStep(-1)}>
        ↑
      </Button>
      <Button kind="plain" aria-label={t('next')} title={t('next')} onClick={() => onStep(1)}>
        ↓
      </Button>
    </>
  );
}

/** The row as JSON: what the file said, typed, with what the catalogue does not know. */
function Json({ detail }: { detail: EventDetail }) {
  const t = useTexts(flyoutEventTexts);
  const row = Object.fromEntries(
    detail.fields.filter((field) => field.value !== null).map((field) => [field.name, field.value]),
  );
  const shown = { table: detail.table.name, ...row, ...(detail.extra ? { _extra: detail.extra } : {}) };
  const text = JSON.stringify(shown, null, 2);
  return (
    <div className="event-json">
      <div className="event-json-copy">
        <Copy value={text} what={t('json')} />
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable */}
      <pre tabIndex={0}>
        {text.split('\n').map((line, number) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: lines of one text never change order
          <span key={number} className="event-json-line">
            <Plain text={line} isMono />
            {'\n'}
          </span>
        ))}
      </pre>
    </div>
  );
}

import { useQuery } from '@tanstack/react-query';
import type { Event, SurroundingBy } from '../../api/types';
import { useTexts } from '../../i18n/lang';
import { Button } from '../button';
import { Plain } from '../plain';
import { ErrorState, Loading, Notice } from '../states';
import { Time } from '../time';
import { flyoutEventTexts } from './texts';
import { SURROUNDINGS, surroundingQuery } from './views';

interface EventSurroundingProps {
  event: Event;
  by: SurroundingBy;
  onBy: (by: SurroundingBy) => void;
  onEvent: (uid: string) => void;
}

/** The column that events share, by the name of the surrounding. */
const SHARED: Record<SurroundingBy, keyof Event> = {
  session: 'session_key',
  actor: 'actor',
  address: 'src_ip',
  org: 'org',
};

/** What happened just before and after, by whom one asks. */
export function EventSurrounding({ event, by, onBy, onEvent }: EventSurroundingProps) {
  const t = useTexts(flyoutEventTexts);
  // A choice that this event has no value for would only bring an error.
  const choices = SURROUNDINGS.filter((choice) => event[SHARED[choice]] !== null);
  const current = choices.includes(by) ? by : (choices[0] ?? 'org');
  return (
    <>
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset cannot stand in one line with its name */}
      <div className="surrounding-by" role="group" aria-label={t('by')}>
        <span className="quiet">{t('by')}</span>
        {choices.map((choice) => (
          <Button key={choice} aria-pressed={choice === current} onClick={() => onBy(choice)}>
            {t(choice)}
          </Button>
        ))}
      </div>
      <Around event={event} by={current} onEvent={onEvent} />
    </>
  );
}

function Around({ event, by, onEvent }: Omit<EventSurroundingProps, 'onBy'>) {
  const t = useTexts(flyoutEventTexts);
  const { data, error, refetch } = useQuery(surroundingQuery(event.event_uid, by));
  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (data === undefined) return <Loading />;
  if (data.before.length + data.after.length === 0) return <Notice title={t('alone')} />;
  return (
    <ol className="surrounding" aria-label={t('around')}>
      {data.before.map((other) => (
        <Other key={other.event_uid} event={other} onEvent={onEvent} />
      ))}
      <li ref={intoView} className="surrounding-event surrounding-this" aria-current="true">
        <Line event={data.event} />
        <span className="visually-hidden">{t('thisOne')}</span>
      </li>
      {data.after.map((other) => (
        <Other key={other.event_uid} event={other} onEvent={onEvent} />
      ))}
    </ol>
  );
}

/** Brings the event itself to the middle; what was before it would else fill the view. */
function intoView(element: HTMLElement | null): void {
  element?.scrollIntoView({ block: 'center' });
}

function Other({ event, onEvent }: { event: Event; onEvent: (uid: string) => void }) {
  return (
    <li>
      <button type="button" className="surrounding-event" onClick={() => onEvent(event.event_uid)}>
        <Line event={event} />
      </button>
    </li>
  );
}

function Line({ event }: { event: Event }) {
  const what = [event.action ?? event.kind, event.object, event.query ?? event.target ?? event.message];
  return (
    <>
      <Time at={event.time} />
      <span className="surrounding-what">
        <Plain text={what.filter((part) => part !== null).join(' · ')} />
      </span>
      <span className="surrounding-who quiet">
        <Plain text={[event.actor, event.src_ip].filter((part) => part !== null).join(' · ')} />
      </span>
    </>
  );
}

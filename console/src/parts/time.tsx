import { useSearch } from '@tanstack/react-router';
import { useLang } from '../i18n/lang';
import { useZone } from '../time/context';
import {
  type Detail,
  formatIso,
  formatLocal,
  formatZoned,
  type Instant,
  readInstant,
  zoneLabel,
} from '../time/format';
import { ZONE_CHOICES, zoneOf } from '../time/zone';
import { Copy } from './copy';
import { Plain } from './plain';
import './time.css';

interface TimeProps {
  /** RFC 3339, or null where the time is not known. */
  at: string | null;
  detail?: Detail;
  /** Adds a button that copies ISO 8601 with offset. */
  isCopyable?: boolean;
}

/** Shows a time with its zone; hovering shows it in all zones. */
export function Time({ at, detail = 'second', isCopyable = false }: TimeProps) {
  const zone = useZone();
  const title = useAllZones();
  if (at === null) return <Unknown />;
  const instant = readInstant(at);
  if (instant === null) return <Plain text={at} isMono />;
  return (
    <span className="time">
      <time dateTime={at} title={title(instant)}>
        {formatLocal(instant, zone, detail)}{' '}
        <span className="time-zone">{zoneLabel(zone, instant.epochMs)}</span>
      </time>
      {isCopyable && <Copy value={formatIso(instant, zone)} what={formatIso(instant, zone)} />}
    </span>
  );
}

/** Shows a span of time with its zone once: the day is not repeated within a day. */
export function TimeRange({
  from,
  to,
  detail = 'minute',
}: {
  from: string | null;
  to: string | null;
  detail?: Detail;
}) {
  const zone = useZone();
  const title = useAllZones();
  const [start, end] = [from === null ? null : readInstant(from), to === null ? null : readInstant(to)];
  if (start === null || end === null)
    return start === null && end === null ? <Unknown /> : <Time at={from ?? to} />;
  const first = formatLocal(start, zone, detail);
  const last = formatLocal(end, zone, detail);
  const isOneDay = first.slice(0, 10) === last.slice(0, 10);
  const shownLast = isOneDay ? last.slice(11) : last;
  return (
    <span className="time-range">
      <time dateTime={from ?? ''} title={title(start)}>
        {first}
      </time>
      {first !== last && shownLast !== '' && '–'}
      <wbr />
      <span className="time-end">
        {first !== last && shownLast !== '' && (
          <time dateTime={to ?? ''} title={title(end)}>
            {shownLast}
          </time>
        )}{' '}
        <span className="time-zone">{zoneLabel(zone, end.epochMs)}</span>
      </span>
    </span>
  );
}

function Unknown() {
  const lang = useLang();
  return <span className="quiet">{lang === 'ja' ? '時刻不明' : 'time unknown'}</span>;
}

/** Returns a function that writes an instant in every zone, one a line. */
export function useAllZones(): (instant: Instant) => string {
  const logzone: string | undefined = useSearch({ strict: false, select: (search) => search.logzone });
  return (instant) =>
    ZONE_CHOICES.map((choice) => formatZoned(instant, zoneOf(choice, logzone), 'full')).join('\n');
}

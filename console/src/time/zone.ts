/** How times are shown: UTC, Japan, or the zone that the logs' people live in. */
export type ZoneChoice = 'utc' | 'jst' | 'log';

/** The order in which one key goes through the zones. */
export const ZONE_CHOICES: readonly ZoneChoice[] = ['utc', 'jst', 'log'];

/** A zone to show times in. */
export interface Zone {
  choice: ZoneChoice;
  /** IANA name or offset such as `+09:00`, as `Intl` takes it. */
  id: string;
}

/** Returns the zone for a choice; `logZone` is the zone that the user named for the logs. */
export function zoneOf(choice: ZoneChoice, logZone: string | undefined): Zone {
  if (choice === 'utc') return { choice, id: 'UTC' };
  if (choice === 'jst') return { choice, id: 'Asia/Tokyo' };
  return { choice, id: logZone !== undefined && isZone(logZone) ? logZone : browserZone() };
}

/** Returns the choice after `choice`. */
export function nextZone(choice: ZoneChoice): ZoneChoice {
  const next = (ZONE_CHOICES.indexOf(choice) + 1) % ZONE_CHOICES.length;
  return ZONE_CHOICES[next] ?? 'utc';
}

// Of its own, because not every engine's `Intl` takes offsets.
const OFFSET = /^([+-])(0\d|1[0-4]):([0-5]\d)$/;

/** Returns whether times can be shown in the zone: an offset, or a name that `Intl` knows. */
export function isZone(id: string): boolean {
  if (OFFSET.test(id)) return true;
  try {
    new Intl.DateTimeFormat('en', { timeZone: id });
    return true;
  } catch {
    return false;
  }
}

function browserZone(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone;
}

const MINUTE_MS = 60_000;
// Offsets change at quarter hours at the finest, so one look-up serves a quarter of an hour of events.
const OFFSET_STEP_MS = 15 * MINUTE_MS;
// A table of a month in one zone needs 2,880 entries; above this the cache starts anew.
const MOST_CACHED_OFFSETS = 20_000;

const formatters = new Map<string, Intl.DateTimeFormat>();
const offsets = new Map<string, number>();

/** Returns how many minutes the zone is ahead of UTC at an instant. */
export function offsetMinutes(zoneId: string, epochMs: number): number {
  if (zoneId === 'UTC') return 0;
  if (zoneId === 'Asia/Tokyo' && epochMs > 0) return 540;
  const fixed = OFFSET.exec(zoneId);
  if (fixed !== null) return (fixed[1] === '-' ? -1 : 1) * (Number(fixed[2]) * 60 + Number(fixed[3]));
  const step = Math.floor(epochMs / OFFSET_STEP_MS);
  const key = `${zoneId}/${step}`;
  const known = offsets.get(key);
  if (known !== undefined) return known;
  if (offsets.size >= MOST_CACHED_OFFSETS) offsets.clear();
  const offset = readOffset(zoneId, step * OFFSET_STEP_MS);
  offsets.set(key, offset);
  return offset;
}

function readOffset(zoneId: string, epochMs: number): number {
  const parts = formatterOf(zoneId).formatToParts(epochMs);
  const value = (type: string) => Number(parts.find((part) => part.type === type)?.value);
  const local = Date.UTC(
    value('year'),
    value('month') - 1,
    value('day'),
    value('hour'),
    value('minute'),
    value('second'),
  );
  return Math.round((local - epochMs) / MINUTE_MS);
}

function formatterOf(zoneId: string): Intl.DateTimeFormat {
  let formatter = formatters.get(zoneId);
  if (formatter === undefined) {
    formatter = new Intl.DateTimeFormat('en', {
      timeZone: zoneId,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    formatters.set(zoneId, formatter);
  }
  return formatter;
}

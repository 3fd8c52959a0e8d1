import { offsetMinutes, type Zone } from './zone';

/** A time of the API: milliseconds since 1970 and the digits below them. */
export interface Instant {
  epochMs: number;
  /** Microseconds within the millisecond, 0 to 999. */
  micros: number;
}

const RFC3339 = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/;

/** Returns the instant of an RFC 3339 time, or null where it is none. */
export function readInstant(text: string): Instant | null {
  const match = RFC3339.exec(text);
  if (match === null) return null;
  const [, day, clock, fraction = '', offset] = match;
  const whole = Date.parse(`${day}T${clock}${offset}`);
  if (Number.isNaN(whole)) return null;
  const micros = Number(fraction.padEnd(6, '0').slice(0, 6));
  return { epochMs: whole + Math.floor(micros / 1000), micros: micros % 1000 };
}

/** How much of a time is shown. */
export type Detail = 'day' | 'minute' | 'second' | 'full';

/** Returns `2025-11-18 23:03:22` in the zone, without the zone's name. */
export function formatLocal(instant: Instant, zone: Zone, detail: Detail = 'second'): string {
  const local = shifted(instant, zone).toISOString();
  const day = local.slice(0, 10);
  if (detail === 'day') return day;
  if (detail === 'minute') return `${day} ${local.slice(11, 16)}`;
  if (detail === 'second') return `${day} ${local.slice(11, 19)}`;
  return `${day} ${local.slice(11, 23)}${String(instant.micros).padStart(3, '0')}`;
}

/** Returns the zone as it stands behind a time: `UTC`, `JST`, or the offset in force then. */
export function zoneLabel(zone: Zone, epochMs: number): string {
  if (zone.choice === 'utc') return 'UTC';
  if (zone.choice === 'jst') return 'JST';
  return offsetLabel(offsetMinutes(zone.id, epochMs));
}

/** Returns the time with its zone, as every timestamp is shown. */
export function formatZoned(instant: Instant, zone: Zone, detail: Detail = 'second'): string {
  return `${formatLocal(instant, zone, detail)} ${zoneLabel(zone, instant.epochMs)}`;
}

/** Returns ISO 8601 with offset, for copying. */
export function formatIso(instant: Instant, zone: Zone): string {
  const offset = offsetMinutes(zone.id, instant.epochMs);
  const [day, clock] = formatLocal(instant, zone, 'full').split(' ');
  return `${day}T${clock}${offset === 0 ? 'Z' : offsetLabel(offset)}`;
}

/** Returns `+09:00`. */
export function offsetLabel(minutes: number): string {
  const size = Math.abs(minutes);
  const two = (value: number) => String(value).padStart(2, '0');
  return `${minutes < 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}

function shifted(instant: Instant, zone: Zone): Date {
  return new Date(instant.epochMs + offsetMinutes(zone.id, instant.epochMs) * 60_000);
}

/** Returns a span such as `2 d 4 h`, `35 min`, `12 s` in its two largest units. */
export function formatSpan(ms: number): string {
  const units: [string, number][] = [
    ['d', 86_400_000],
    ['h', 3_600_000],
    ['min', 60_000],
    ['s', 1000],
  ];
  const parts: string[] = [];
  let rest = Math.max(0, ms);
  for (const [name, size] of units) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0) parts.push(`${count} ${name}`);
    if (parts.length === 2) break;
  }
  return parts.length > 0 ? parts.join(' ') : rest > 0 ? `${Math.round(rest)} ms` : '0 s';
}

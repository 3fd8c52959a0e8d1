import { offsetMinutes, type Zone } from './zone';

// Japanese working days run past midnight: 26:00 is two o'clock of the next day.
const LAST_HOUR = 47;

const LOCAL =
  /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,6}))?)?)?\s*(Z|UTC|JST|[+-]\d\d:?\d\d)?$/i;

/**
 * Returns the RFC 3339 UTC time of what a person typed, or null where it cannot be read.
 *
 * `2025-11-18`, `2025-11-18 26:00`, `2025-11-18T14:03:22.5+09:00`; a time without a zone is in `zone`.
 */
export function parseTyped(typed: string, zone: Zone): string | null {
  const match = LOCAL.exec(typed.trim());
  if (match === null) return null;
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '', suffix] = match;
  if (Number(hour) > LAST_HOUR || Number(minute) > 59 || Number(second) > 59) return null;
  const midnight = Date.UTC(Number(year), Number(month) - 1, Number(day));
  if (new Date(midnight).toISOString().slice(0, 10) !== `${year}-${month}-${day}`) return null;
  const local = midnight + Number(hour) * 3_600_000 + Number(minute) * 60_000 + Number(second) * 1000;
  const micros = Number(fraction.padEnd(6, '0'));
  return toUtc(local - offsetOf(suffix, zone, local) * 60_000, micros);
}

function offsetOf(suffix: string | undefined, zone: Zone, local: number): number {
  if (suffix === undefined) return localOffset(zone, local);
  const upper = suffix.toUpperCase();
  if (upper === 'Z' || upper === 'UTC') return 0;
  if (upper === 'JST') return 540;
  const digits = upper.replace(':', '');
  const size = Number(digits.slice(1, 3)) * 60 + Number(digits.slice(3, 5));
  return digits.startsWith('-') ? -size : size;
}

// The offset depends on the instant and the instant on the offset: one correction settles it except inside
// the hour that a clock change skips, where either answer is as good.
function localOffset(zone: Zone, local: number): number {
  const guess = offsetMinutes(zone.id, local);
  return offsetMinutes(zone.id, local - guess * 60_000);
}

function toUtc(epochMs: number, micros: number): string {
  const base = new Date(epochMs).toISOString();
  return micros === 0 ? `${base.slice(0, 19)}Z` : `${base.slice(0, 19)}.${String(micros).padStart(6, '0')}Z`;
}

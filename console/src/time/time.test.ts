import { describe, expect, test } from 'vitest';
import { formatIso, formatSpan, formatZoned, type Instant, readInstant } from './format';
import { parseTyped } from './parse';
import { nextZone, offsetMinutes, zoneOf } from './zone';

const utc = zoneOf('utc', undefined);
const jst = zoneOf('jst', undefined);
const newYork = zoneOf('log', 'America/New_York');

function instant(text: string): Instant {
  const read = readInstant(text);
  if (read === null) throw new Error(`${text} is no time`);
  return read;
}

describe('showing', () => {
  test('the same instant in three zones, each named', () => {
    const at = instant('2025-11-18T14:03:22.123456Z');
    expect(formatZoned(at, utc)).toBe('2025-11-18 14:03:22 UTC');
    expect(formatZoned(at, jst, 'full')).toBe('2025-11-18 23:03:22.123456 JST');
    expect(formatZoned(at, newYork, 'minute')).toBe('2025-11-18 09:03 -05:00');
  });

  test('a copied time keeps its microseconds and has an offset', () => {
    const at = instant('2025-11-18T23:59:59.000007Z');
    expect(formatIso(at, utc)).toBe('2025-11-18T23:59:59.000007Z');
    expect(formatIso(at, jst)).toBe('2025-11-19T08:59:59.000007+09:00');
  });

  test('an offset changes at the very hour the clocks do', () => {
    expect(offsetMinutes('America/New_York', Date.parse('2025-11-02T05:59:59Z'))).toBe(-240);
    expect(offsetMinutes('America/New_York', Date.parse('2025-11-02T06:00:00Z'))).toBe(-300);
    expect(offsetMinutes('Asia/Kathmandu', Date.parse('2025-11-02T06:00:00Z'))).toBe(345);
  });

  test('what is no time is not shown as one', () => {
    expect(readInstant('2025-11-18 14:03:22')).toBeNull();
    expect(readInstant('yesterday')).toBeNull();
    expect(readInstant('2025-13-40T00:00:00Z')).toBeNull();
  });

  test('an offset in the text is obeyed', () => {
    expect(instant('2025-11-18T23:03:22+09:00').epochMs).toBe(Date.parse('2025-11-18T14:03:22Z'));
  });

  test('a span has its two largest units', () => {
    expect(formatSpan(0)).toBe('0 s');
    expect(formatSpan(950)).toBe('950 ms');
    expect(formatSpan(187_200_000)).toBe('2 d 4 h');
    expect(formatSpan(61_000)).toBe('1 min 1 s');
  });
});

describe('typing', () => {
  test('a time without a zone is in the zone on the screen', () => {
    expect(parseTyped('2025-11-18 09:00', jst)).toBe('2025-11-18T00:00:00Z');
    expect(parseTyped('2025-11-18 09:00', utc)).toBe('2025-11-18T09:00:00Z');
    expect(parseTyped('2025-11-18', newYork)).toBe('2025-11-18T05:00:00Z');
  });

  test('hours past midnight belong to the day that was meant', () => {
    expect(parseTyped('2025-11-18 26:00', jst)).toBe('2025-11-18T17:00:00Z');
    expect(parseTyped('2025-11-18 48:00', jst)).toBeNull();
  });

  test('a zone in the text wins', () => {
    expect(parseTyped('2025-11-18T14:03:22.5Z', jst)).toBe('2025-11-18T14:03:22.500000Z');
    expect(parseTyped('2025-11-18 14:00 JST', utc)).toBe('2025-11-18T05:00:00Z');
    expect(parseTyped('2025-11-18 14:00-0330', utc)).toBe('2025-11-18T17:30:00Z');
  });

  test('what cannot be meant is refused', () => {
    for (const typed of ['', '2025-02-30', '2025-11-18 12:60', '18.11.2025', '2025-11-18 9:00']) {
      expect(parseTyped(typed, utc)).toBeNull();
    }
  });
});

describe('zones', () => {
  test('one key goes through all and comes back', () => {
    expect([nextZone('utc'), nextZone('jst'), nextZone('log')]).toEqual(['jst', 'log', 'utc']);
  });

  test('a zone that does not exist is not used', () => {
    expect(zoneOf('log', 'Mars/Olympus').id).not.toBe('Mars/Olympus');
    expect(zoneOf('log', '+05:45').id).toBe('+05:45');
  });
});

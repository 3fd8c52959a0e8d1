import { describe, expect, it } from 'vitest';
import { ticksOf, widthOf } from './ticks';

const from = Date.parse('2025-10-27T00:00:00Z');
const to = Date.parse('2025-11-24T00:00:00Z');
const iso = (ms: number) => new Date(ms).toISOString();

describe('ticks', () => {
  it('start days at midnight of the zone', () => {
    const jst = ticksOf(from, to, 16, () => 540);
    expect(jst.length).toBeGreaterThan(8);
    expect(jst.every((tick) => tick.isDay && iso(tick.ms).slice(11, 16) === '15:00')).toBe(true);
    expect(ticksOf(from, to, 16, () => 0).every((tick) => iso(tick.ms).slice(11, 16) === '00:00')).toBe(true);
  });

  it('never give more than asked, whatever the range', () => {
    for (const width of [1_000, 60_000, 3_600_000, 86_400_000, 90 * 86_400_000, 20 * 365 * 86_400_000]) {
      const ticks = ticksOf(from, from + width, 8, () => 330);
      expect(ticks.length).toBeLessThanOrEqual(9);
      expect(ticks.every((tick) => tick.ms >= from && tick.ms < from + width)).toBe(true);
    }
    expect(ticksOf(to, from, 8, () => 0)).toEqual([]);
  });

  it('keep midnight over a change of clocks', () => {
    const change = Date.parse('2025-11-02T09:00:00Z');
    const offset = (ms: number) => (ms < change ? -420 : -480);
    const ticks = ticksOf(Date.parse('2025-10-31T00:00:00Z'), Date.parse('2025-11-05T00:00:00Z'), 8, offset);
    expect(ticks.filter((tick) => tick.isDay).map((tick) => iso(tick.ms).slice(5, 16))).toEqual([
      '10-31T07:00',
      '11-01T07:00',
      '11-02T07:00',
      '11-03T08:00',
      '11-04T08:00',
    ]);
  });

  it('name a width in its largest unit', () => {
    expect(widthOf(21_600_000)).toEqual({ value: 6, unit: 'hour' });
    expect(widthOf(90_000)).toEqual({ value: 90, unit: 'second' });
  });
});

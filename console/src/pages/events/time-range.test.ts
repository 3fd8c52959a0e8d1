import { describe, expect, it } from 'vitest';
import { isRangeText, isRelative, pin, resolve, shift } from './time-range';

const anchors = {
  nowMs: Date.parse('2026-01-10T00:00:00Z'),
  dataFromMs: Date.parse('2025-10-27T00:00:00Z'),
  dataToMs: Date.parse('2025-11-23T23:59:59.999Z'),
};
const at = (ms: number | null) => (ms === null ? null : new Date(ms).toISOString());

describe('ranges of the URL', () => {
  it('count from the end of the data or from now', () => {
    expect(at(resolve({ from: 'end-24h', to: null }, anchors).fromMs)).toBe('2025-11-22T23:59:59.999Z');
    expect(at(resolve({ from: 'now-7d', to: 'now' }, anchors).toMs)).toBe('2026-01-10T00:00:00.000Z');
    expect(isRelative({ from: 'end-1h', to: null })).toBe(true);
    expect(isRelative({ from: '2025-11-20T00:00:00Z', to: null })).toBe(false);
  });

  it('become absolute for a permalink, the last event inside', () => {
    expect(pin({ from: 'end-24h', to: null }, anchors)).toEqual({
      from: '2025-11-22T23:59:59.999Z',
      to: '2025-11-24T00:00:00Z',
    });
  });

  it('move by their own width', () => {
    const range = { from: '2025-11-20T00:00:00Z', to: '2025-11-20T06:00:00Z' };
    expect(shift(range, anchors, 1)).toEqual({ from: '2025-11-20T06:00:00Z', to: '2025-11-20T12:00:00Z' });
    expect(shift(range, anchors, -1)?.from).toBe('2025-11-19T18:00:00Z');
    expect(shift({ from: null, to: null }, { ...anchors, dataFromMs: null, dataToMs: null }, 1)).toBeNull();
  });

  it('take no time without a zone', () => {
    expect(isRangeText('2025-11-20T00:00:00')).toBe(false);
    expect(isRangeText('2025-11-20T00:00:00Z')).toBe(true);
    expect(isRangeText('end-28d')).toBe(true);
    expect(isRangeText('end-x')).toBe(false);
    expect(resolve({ from: 'rubbish', to: null }, anchors).fromMs).toBeNull();
  });
});

import { describe, expect, it } from 'vitest';
import type { Coverage, TableCoverage } from '../../parts/coverage-strip/types';
import { searchedIn } from './losses';

const table = (org: string, name: string, over: Partial<TableCoverage> = {}): TableCoverage => ({
  table: name,
  org,
  from: null,
  to: null,
  events: 0,
  undated: 0,
  gaps: [],
  gap_count: 0,
  quiet_hours: 0,
  blind: [],
  is_capped: false,
  days: [
    { day: '2025-11-14', events: 10 },
    { day: '2025-11-15', events: 0 },
    { day: '2025-11-16', events: 7 },
  ],
  ...over,
});

const coverage: Coverage = {
  from: null,
  to: null,
  orgs: [
    { org: 'a', verdict: 'clear', tables: [table('a', 'x'), table('a', 'y')] },
    {
      org: 'b',
      verdict: 'inconclusive',
      tables: [
        table('b', 'x', {
          gaps: [{ from: '2025-11-15T03:00:00Z', to: '2025-11-15T09:00:00Z', reason: 'silence' }],
        }),
      ],
    },
  ],
};
const at = (text: string) => Date.parse(text);

describe('what was searched', () => {
  it('counts tables and orgs that have events in the range', () => {
    const day = { fromMs: at('2025-11-14T00:00:00Z'), toMs: at('2025-11-15T00:00:00Z') };
    expect(searchedIn(coverage, day, [])).toMatchObject({ orgs: 2, tables: 3, events: 30, lost: [] });
    expect(searchedIn(coverage, day, ['b'])).toMatchObject({ orgs: 1, tables: 1, events: 10 });
  });

  it('names losses inside the range alone, and an empty time as empty', () => {
    const day = { fromMs: at('2025-11-15T00:00:00Z'), toMs: at('2025-11-16T00:00:00Z') };
    const found = searchedIn(coverage, day, []);
    expect(found.events).toBe(0);
    expect(found.lost.map((gap) => gap.org)).toEqual(['b']);
    const later = { fromMs: at('2025-11-15T09:00:00Z'), toMs: null };
    expect(searchedIn(coverage, later, []).lost).toEqual([]);
    expect(searchedIn(coverage, { fromMs: null, toMs: null }, ['a']).lost).toEqual([]);
  });
});

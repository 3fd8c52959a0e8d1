import { describe, expect, it } from 'vitest';
import { accept, spotAt, suggestFields, suggestValues } from './complete';

const fields = ['actor', 'actor_id', 'user_agent', 'app'].map((name) => ({ name, note: '' }));

describe('completion', () => {
  it('offers fields at the start of a word', () => {
    const spot = spotAt('rows>5 -act', 11);
    expect(spot).toMatchObject({ kind: 'field', prefix: 'act', start: 8 });
    if (spot?.kind !== 'field') throw new Error('no field');
    const offered = suggestFields(spot, fields);
    expect(offered.map((entry) => entry.label)).toEqual(['actor', 'actor_id']);
    expect(offered.map((entry) => accept('rows>5 -act', entry))[0]).toEqual({
      q: 'rows>5 -actor:',
      cursor: 14,
    });
  });

  it('ranks names that start like it before names that hold it', () => {
    const spot = spotAt('a', 1);
    if (spot?.kind !== 'field') throw new Error('no field');
    expect(suggestFields(spot, fields).map((entry) => entry.label)).toEqual([
      'actor',
      'actor_id',
      'app',
      'user_agent',
    ]);
  });

  it('offers values behind a colon and quotes them', () => {
    const q = 'rows>5 app:"Tsu';
    const spot = spotAt(q, q.length);
    expect(spot).toMatchObject({ kind: 'value', field: 'app', prefix: 'Tsu', rest: 'rows>5' });
    if (spot?.kind !== 'value') throw new Error('no value');
    const offered = suggestValues(spot, [{ value: 'Tsumugi Connect', note: '12' }]);
    expect(offered.map((entry) => accept(q, entry).q)[0]).toBe('rows>5 app:"Tsumugi Connect" ');
  });

  it('replaces a whole value when the cursor stands inside it', () => {
    const spot = spotAt('app:"Tsumugi" org:x', 8);
    expect(spot).toMatchObject({ kind: 'value', start: 4, end: 13, rest: 'org:x' });
  });

  it('is quiet inside quotes that belong to no field', () => {
    expect(spotAt('"some wor', 9)).toBeNull();
  });
});

import { describe, expect, it } from 'vitest';
import { parseSearch, stringifySearch } from '../../app/search';
import { validateEventsSearch } from './search';

describe('the state of the event search', () => {
  it('comes back from its own address', () => {
    const state = validateEventsSearch({
      q: 'actor:"a b" -org:"x&y=z"',
      from: '2025-11-14T17:00:00Z',
      to: 'end',
      org: ['kaede-japan', 'kaede-us'],
      sort: 'asc',
      columns: 'time,src_ip',
      event: '0'.repeat(32),
      tab: 'surrounding',
      by: 'address',
    });
    expect(validateEventsSearch(parseSearch(stringifySearch({ ...state })))).toEqual(state);
  });

  it('leaves out what is no value', () => {
    const state = validateEventsSearch({
      from: '2025-11-14 17:00',
      sort: 'desc',
      columns: 'nonsense,__proto__',
      tab: 'fields',
      by: 'session',
    });
    expect(Object.values(state).every((value) => value === undefined)).toBe(true);
  });

  it('keeps columns in their order, each once', () => {
    expect(validateEventsSearch({ columns: 'rows,time,rows,bogus' }).columns).toBe('rows,time');
  });
});

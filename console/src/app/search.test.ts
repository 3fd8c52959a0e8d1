import { expect, test } from 'vitest';
import { validateFindingsSearch } from '../pages/findings/search';
import { validateRootSearch } from './root-search';
import { asCount, parseSearch, stringifySearch } from './search';

test('an address comes back as it was', () => {
  const search = { q: 'rows>1000 login_key:"+dR/x"', org: ['kaede-us', 'kaede-japan'], zone: 'jst' };
  expect(parseSearch(stringifySearch(search))).toEqual(search);
});

test('what looks like a number or JSON stays text', () => {
  expect(parseSearch('?q=123&from=%22x%22&event=true')).toEqual({ q: '123', from: '"x"', event: 'true' });
});

test('empty values leave no trace in the address', () => {
  expect(stringifySearch({ q: '', org: undefined, level: [] })).toBe('');
});

test('names of object members are only names', () => {
  expect(validateRootSearch(parseSearch('?__proto__=x&constructor=y'))).toEqual({
    lang: undefined,
    zone: undefined,
    logzone: undefined,
  });
});

test('what is no valid value is left out, the rest stays', () => {
  expect(validateRootSearch({ lang: 'de', zone: 'jst', logzone: 'Mars/Olympus' })).toEqual({
    lang: undefined,
    zone: 'jst',
    logzone: undefined,
  });
  expect(validateFindingsSearch({ level: ['high', 'severe'], org: 'kaede-us' })).toEqual({
    level: ['high'],
    org: ['kaede-us'],
    rule_id: undefined,
    finding: undefined,
  });
});

test('counts are whole and not below their least', () => {
  expect(asCount('12')).toBe(12);
  expect(asCount('1.5')).toBeUndefined();
  expect(asCount('-1')).toBeUndefined();
  expect(asCount(undefined)).toBeUndefined();
});

import { describe, expect, it } from 'vitest';
import {
  append,
  indexOfByte,
  outline,
  quote,
  remove,
  setStance,
  stanceOf,
  toggle,
  togglePresence,
} from './terms';

describe('quoting', () => {
  it('takes quotes, backslashes and wildcards of a value literally', () => {
    expect(quote(`a"b\\c*d?`)).toBe(`"a\\"b\\\\c\\*d\\?"`);
  });

  it('reads back what it wrote, whatever the value', () => {
    for (const value of [`x" OR org:"y`, 'a b', '*', 'C:\\Users', 'ログイン', '', '(', '-x', '\\']) {
      expect(stanceOf(toggle('rows>5', 'user_agent', value, 'exclude'), 'user_agent', value)).toBe('exclude');
    }
  });
});

describe('toggling a facet value', () => {
  it('includes, excludes and takes back', () => {
    const included = toggle('', 'org', 'kaede-us', 'include');
    expect(included).toBe('org:"kaede-us"');
    const excluded = toggle(included, 'org', 'kaede-us', 'exclude');
    expect(excluded).toBe('-org:"kaede-us"');
    expect(toggle(excluded, 'org', 'kaede-us', 'exclude')).toBe('');
  });

  it('keeps the rest of the query', () => {
    const q = 'frontdoor org:"a" rows>100 -app:"Loader"';
    expect(toggle(q, 'org', 'a', 'include')).toBe('frontdoor rows>100 -app:"Loader"');
    expect(toggle(q, 'org', 'b', 'include')).toBe(`${q} org:"b"`);
  });

  it('finds a value that was typed without quotes', () => {
    expect(stanceOf('org:kaede-us', 'org', 'kaede-us')).toBe('include');
    expect(stanceOf('NOT org:kaede-us', 'org', 'kaede-us')).toBe('exclude');
    expect(remove('rows>5 AND NOT org:kaede-us', 'org', 'kaede-us')).toBe('rows>5');
    expect(remove('org:kaede-us AND rows>5', 'org', 'kaede-us')).toBe('rows>5');
  });

  it('keeps a backslash that takes nothing its meaning, as the server does', () => {
    expect(stanceOf('actor:"KAEDE\\aoi"', 'actor', 'KAEDE\\aoi')).toBe('include');
    expect(stanceOf('actor:"KAEDE\\\\aoi"', 'actor', 'KAEDE\\aoi')).toBe('include');
  });

  it('does not take a wildcard for the value', () => {
    expect(stanceOf('org:*', 'org', '*')).toBeNull();
    expect(stanceOf('org:"\\*"', 'org', '*')).toBe('include');
  });

  it('leaves values inside groups alone', () => {
    const q = 'org:(a OR b) (actor:x OR actor:y)';
    expect(stanceOf(q, 'org', 'a')).toBeNull();
    expect(stanceOf(q, 'actor', 'x')).toBeNull();
    expect(remove(q, 'actor', 'x')).toBe(q);
  });

  it('wraps a query that an OR would change the sense of', () => {
    expect(append('a OR b', 'org:"x"')).toBe('(a OR b) org:"x"');
    expect(append('(a OR b)', 'org:"x"')).toBe('(a OR b) org:"x"');
    expect(append('"a OR b"', 'org:"x"')).toBe('"a OR b" org:"x"');
  });

  it('keeps blanks inside quotes when it cuts', () => {
    expect(remove('user_agent:"a  b"  org:"x"', 'org', 'x')).toBe('user_agent:"a  b"');
  });

  it('does not repeat what is set already', () => {
    expect(setStance('org:"x"', 'org', 'x', 'include')).toBe('org:"x"');
  });

  it('asks for rows that lack a value', () => {
    expect(togglePresence('rows>5', 'app', 'exclude')).toBe('rows>5 -app:*');
    expect(togglePresence('rows>5 -app:*', 'app', 'exclude')).toBe('rows>5');
    expect(togglePresence('-app:*', 'app', 'include')).toBe('app:*');
  });
});

describe('reading a query', () => {
  it('survives what is not closed', () => {
    for (const q of ['org:"x', 'org:(a OR', '((', '-', ')', 'org:', '"', '\\', 'a)b']) {
      expect(() => outline(q)).not.toThrow();
    }
  });

  it('reads comparisons', () => {
    const [term] = outline('rows>=1000').terms;
    expect(term).toMatchObject({ field: 'rows', operator: '>=', value: '1000' });
  });

  it('knows the place of a byte in text that is not ASCII', () => {
    expect(indexOfByte('a日本b', 7)).toBe(3);
    expect(indexOfByte('😀x', 4)).toBe(2);
    expect(indexOfByte('ab', 99)).toBe(2);
  });
});

import { expect, test } from 'vitest';
import { formatBytes, say, type Text, type Texts } from './texts';

const modules = import.meta.glob<Record<string, Texts>>('../**/*texts.ts', { eager: true });

const all: [string, Text][] = Object.entries(modules).flatMap(([path, exported]) =>
  Object.values(exported)
    .filter((texts) => typeof texts === 'object')
    .flatMap((texts) => Object.entries(texts).map(([key, text]): [string, Text] => [`${path} ${key}`, text])),
);

test('every page has its texts here', () => {
  expect(all.length).toBeGreaterThan(100);
});

test.each(all)('%s says the same in both languages', (_key, text) => {
  const names = (spoken: string) => [...new Set(spoken.match(/\{\w+\}/g) ?? [])].sort();
  expect(names(text.ja)).toEqual(names(text.en));
  // A singular may leave its {n} out; the plural fills in all.
  const plural = text.en.split('|').at(-1) ?? '';
  expect(names(plural)).toEqual(names(text.en));
  expect(text.ja).not.toContain('|');
});

test.each(all)('%s follows the style guide', (_key, { en, ja }) => {
  expect(en).not.toMatch(/[!]|\bplease\b|\boops\b|successfully/i);
  expect(ja).not.toMatch(/[！]|お手数|に失敗しました/);
  // Half-width letters and Japanese stand apart by one space, punctuation aside.
  expect(ja).not.toMatch(/[a-z0-9][ぁ-んァ-ヶ一-龠]|[ぁ-んァ-ヶー一-龠][a-z0-9]/i);
});

test('names are filled in and numbers are grouped', () => {
  const text = { en: '{n} event of {org}|{n} events of {org}', ja: '{org} の {n} イベント' };
  expect(say(text, 'en', { n: 1, org: 'kaede-us' })).toBe('1 event of kaede-us');
  expect(say(text, 'en', { n: 148210, org: 'kaede-us' })).toBe('148,210 events of kaede-us');
  expect(say(text, 'ja', { n: 148210, org: 'kaede-us' })).toBe('kaede-us の 148,210 イベント');
});

test('a filled-in value is never read as a pattern', () => {
  expect(say({ en: '{a} {b}', ja: '{a} {b}' }, 'en', { a: '{b} $&', b: 'x' })).toBe('{b} $& x');
});

test('sizes have three digits', () => {
  expect(formatBytes(999, 'en')).toBe('999 B');
  expect(formatBytes(48_113_920, 'en')).toBe('48.1 MB');
  expect(formatBytes(2_313_004_211, 'ja')).toBe('2.31 GB');
  expect(formatBytes(999_999_999, 'en')).toBe('1 GB');
});

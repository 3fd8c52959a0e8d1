import { expect, test } from 'vitest';
import { pieces, spelledOut } from './escape';

test('plain text and Japanese stay as they are', () => {
  expect(pieces('調査 account@kaede.example')).toEqual([
    { kind: 'text', text: '調査 account@kaede.example' },
  ]);
  expect(pieces('')).toEqual([]);
});

test('a right-to-left override is spelled out where it stands', () => {
  expect(pieces('invoice\u202efdp.exe')).toEqual([
    { kind: 'text', text: 'invoice' },
    { kind: 'escape', text: '\\u202e', codePoint: 0x202e },
    { kind: 'text', text: 'fdp.exe' },
  ]);
});

test('terminal escapes, zero-width characters, tags and lone surrogates are spelled out', () => {
  expect(spelledOut('\u001b[31mred')).toBe('\\e[31mred');
  expect(spelledOut('a\u200bb\ufeff')).toBe('a\\u200bb\\ufeff');
  expect(spelledOut('x\u{e0041}')).toBe('x\\ue0041');
  expect(spelledOut('x\ud800y')).toBe('x\\ud800y');
  expect(spelledOut('two\r\nlines\t')).toBe('two\\r\\nlines\\t');
});

test('characters outside the basic plane that can be seen stay whole', () => {
  expect(pieces('𠮷野家')).toEqual([{ kind: 'text', text: '𠮷野家' }]);
});

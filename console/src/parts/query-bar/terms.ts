/** A term of the search language with where it stands in the text. */
export interface Term {
  /** Index of its first character, the minus sign included. */
  start: number;
  /** Index behind its last character. */
  end: number;
  isNegated: boolean;
  /** Null for a bare word. */
  field: string | null;
  operator: ':' | '>' | '>=' | '<' | '<=' | null;
  /** The value without quotes and escapes; the raw text for a group. */
  value: string;
  isQuoted: boolean;
  isGroup: boolean;
  /** Index where the value's text starts, its quote included. */
  valueStart: number;
}

/** What a query says, as far as adding and removing terms needs to know. */
export interface Outline {
  /** Terms outside parentheses. */
  terms: Term[];
  /** True where an `OR` outside parentheses would swallow a term put behind it. */
  hasOr: boolean;
}

/** Whether a facet value is asked for, asked away, or not spoken of. */
export type Stance = 'include' | 'exclude';

const FIELD = /^[A-Za-z_][A-Za-z0-9_.]*/;
const OPERATOR = /^(:(?:>=|<=|>|<)?|>=|<=|>|<)/;

/** Returns a value as the search language quotes it: a quoted value with its wildcards taken literally. */
export function quote(value: string): string {
  return `"${value.replace(/[\\"*?]/g, '\\$&')}"`;
}

/** Returns the term that asks for, or asks away, a value of a field. */
export function termText(field: string, value: string, stance: Stance): string {
  return `${stance === 'exclude' ? '-' : ''}${field}:${quote(value)}`;
}

/** Returns the terms of a query that stand outside parentheses. Never fails: what it cannot read is a bare word. */
export function outline(q: string): Outline {
  const terms: Term[] = [];
  let hasOr = false;
  let isNegated = false;
  let at = 0;
  while (at < q.length) {
    if (/\s/.test(q.charAt(at))) {
      at += 1;
      continue;
    }
    const keyword = /^(AND|OR|NOT)(?=[\s()]|$)/.exec(q.slice(at))?.[1];
    if (keyword) {
      hasOr ||= keyword === 'OR';
      isNegated = keyword === 'NOT' ? !isNegated : isNegated;
      at += keyword.length;
      continue;
    }
    if (q[at] === '(') {
      at = groupEnd(q, at);
      isNegated = false;
      continue;
    }
    const term = readTerm(q, at, isNegated);
    terms.push(term);
    at = Math.max(term.end, at + 1);
    isNegated = false;
  }
  return { terms, hasOr };
}

/** Returns how a query stands to one value of a field. */
export function stanceOf(q: string, field: string, value: string): Stance | null {
  const found = outline(q).terms.find((term) => isAbout(term, field, value));
  if (!found) return null;
  return found.isNegated ? 'exclude' : 'include';
}

/** Returns the query with the stance set, turned round, or, where it has it already, taken back. */
export function toggle(q: string, field: string, value: string, stance: Stance): string {
  const before = stanceOf(q, field, value);
  const without = before === null ? q : remove(q, field, value);
  return before === stance ? without : append(without, termText(field, value, stance));
}

/** Returns the query with a stance set, whatever it was. */
export function setStance(q: string, field: string, value: string, stance: Stance): string {
  return stanceOf(q, field, value) === stance ? q : toggle(q, field, value, stance);
}

/** Returns the query with the presence of a field asked for or asked away. */
export function togglePresence(q: string, field: string, stance: Stance): string {
  const text = `${stance === 'exclude' ? '-' : ''}${field}:*`;
  const found = outline(q).terms.filter(
    (term) => term.field === field && term.value === '*' && !term.isQuoted,
  );
  const without = cut(q, found);
  const wasThere = found.some((term) => term.isNegated === (stance === 'exclude'));
  return wasThere ? without : append(without, text);
}

/** Returns the query without its outer terms about one value of a field. */
export function remove(q: string, field: string, value: string): string {
  return cut(
    q,
    outline(q).terms.filter((term) => isAbout(term, field, value)),
  );
}

/** Returns the query with one more term that must hold too. */
export function append(q: string, text: string): string {
  const trimmed = q.trim();
  if (trimmed === '') return text;
  return outline(trimmed).hasOr ? `(${trimmed}) ${text}` : `${trimmed} ${text}`;
}

/** Returns the index in UTF-16 units of a byte offset of the text in UTF-8. */
export function indexOfByte(text: string, byte: number): number {
  let bytes = 0;
  let index = 0;
  for (const character of text) {
    if (bytes >= byte) break;
    const code = character.codePointAt(0) ?? 0;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    index += character.length;
  }
  return index;
}

function isAbout(term: Term, field: string, value: string): boolean {
  return (
    term.field === field && term.operator === ':' && !term.isGroup && term.value === value && !isWild(term)
  );
}

// A bare `*` is a wildcard, a quoted one was escaped and is a character.
function isWild(term: Term): boolean {
  return !term.isQuoted && /[*?]/.test(term.value);
}

function cut(q: string, terms: Term[]): string {
  let text = q;
  for (const term of [...terms].reverse()) {
    const before = text.slice(0, term.start).replace(/\s*\b(AND\s+NOT|AND|NOT)\s*$/, ' ');
    text =
      before.trimEnd() === '' ? text.slice(term.end).replace(/^\s*AND\b/, '') : before + text.slice(term.end);
  }
  return text
    .replace(/\s+$/, '')
    .replace(/^\s+/, '')
    .replace(/ {2,}(?=([^"]*"[^"]*")*[^"]*$)/g, ' ');
}

function readTerm(q: string, start: number, isNegatedBefore: boolean): Term {
  let at = start;
  let isNegated = isNegatedBefore;
  if (q[at] === '-' && at + 1 < q.length) {
    isNegated = !isNegated;
    at += 1;
  }
  const name = FIELD.exec(q.slice(at))?.[0];
  const operator = name ? OPERATOR.exec(q.slice(at + name.length))?.[0] : undefined;
  const isField = name !== undefined && operator !== undefined;
  const valueStart = isField ? at + name.length + operator.length : at;
  const value = readValue(q, valueStart);
  return {
    start,
    end: value.end,
    isNegated,
    field: isField ? name : null,
    operator: isField
      ? ((operator.length > 1 ? operator.replace(':', '') : operator) as Term['operator'])
      : null,
    value: value.text,
    isQuoted: value.isQuoted,
    isGroup: value.isGroup,
    valueStart,
  };
}

interface Value {
  text: string;
  end: number;
  isQuoted: boolean;
  isGroup: boolean;
}

function readValue(q: string, start: number): Value {
  if (q[start] === '(') {
    const end = groupEnd(q, start);
    return { text: q.slice(start, end), end, isQuoted: false, isGroup: true };
  }
  if (q[start] !== '"') {
    const length = /^[^\s()]*/.exec(q.slice(start))?.[0].length ?? 0;
    return { text: q.slice(start, start + length), end: start + length, isQuoted: false, isGroup: false };
  }
  const end = quoteEnd(q, start);
  const isClosed = q[end - 1] === '"' && end - 1 > start;
  const inner = q.slice(start + 1, isClosed ? end - 1 : end);
  return { text: inner.replace(/\\([\\"*?])/g, '$1'), end, isQuoted: true, isGroup: false };
}

/** Returns the index behind the quoted text that starts at an index, or the end where it is not closed. */
function quoteEnd(q: string, start: number): number {
  for (let at = start + 1; at < q.length; at += 1) {
    if (q[at] === '\\') at += 1;
    else if (q[at] === '"') return at + 1;
  }
  return q.length;
}

/** Returns the index behind the parenthesis that closes the one at an index, or the end where none does. */
function groupEnd(q: string, start: number): number {
  let depth = 0;
  for (let at = start; at < q.length; at += 1) {
    if (q[at] === '"') at = quoteEnd(q, at) - 1;
    else if (q[at] === '(') depth += 1;
    else if (q[at] === ')') {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
  }
  return q.length;
}

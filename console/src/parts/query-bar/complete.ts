import { quote } from './terms';

/** What stands at the cursor and can be completed. */
export type Spot =
  | { kind: 'field'; prefix: string; start: number; end: number }
  | { kind: 'value'; field: string; prefix: string; start: number; end: number; rest: string };

/** A suggestion of the query bar. */
export interface Suggestion {
  kind: 'field' | 'value' | 'history';
  /** What is shown. */
  label: string;
  /** What it means, or how often it occurs. */
  note: string;
  /** The text that replaces `start..end`. */
  insert: string;
  start: number;
  end: number;
}

/** A field that can be searched. */
export interface FieldName {
  name: string;
  note: string;
}

/** Most suggestions shown at once: more than fit on a laptop's screen help nobody. */
export const MAX_SUGGESTIONS = 12;

const FIELD_AT_END = /(?:^|[\s(])(-?)([A-Za-z_][A-Za-z0-9_]*)?$/;
const VALUE_AT_END = /(?:^|[\s(])-?([A-Za-z_][A-Za-z0-9_]*):("(?:[^"\\]|\\.)*|[^\s()"]*)$/;

/** Returns what can be completed at the cursor, or null inside something else. */
export function spotAt(q: string, cursor: number): Spot | null {
  const before = q.slice(0, cursor);
  const value = VALUE_AT_END.exec(before);
  if (value?.[1] !== undefined && value[2] !== undefined) {
    const start = cursor - value[2].length;
    const end = wordEnd(q, cursor, value[2].startsWith('"'));
    const termStart = before.lastIndexOf(value[1], start);
    const prefix = value[2].replace(/^"/, '').replace(/\\([\\"*?])/g, '$1');
    const head = q.slice(0, termStart).replace(/-$/, '');
    const rest = `${head}${q.slice(end)}`.replace(/\s*\b(AND|OR|NOT)\s*$/, '').trim();
    return { kind: 'value', field: value[1], prefix, start, end, rest };
  }
  if (isInQuotes(before)) return null;
  const field = FIELD_AT_END.exec(before);
  if (!field) return null;
  const prefix = field[2] ?? '';
  const after = /^[A-Za-z0-9_]*:?/.exec(q.slice(cursor))?.[0].length ?? 0;
  return { kind: 'field', prefix, start: cursor - prefix.length, end: cursor + after };
}

/** Returns the fields that fit, those that start like it first. */
export function suggestFields(spot: Spot & { kind: 'field' }, fields: readonly FieldName[]): Suggestion[] {
  const asked = spot.prefix.toLowerCase();
  return ranked(fields, asked, (field) => field.name).map((field) => ({
    kind: 'field',
    label: field.name,
    note: field.note,
    insert: `${field.name}:`,
    start: spot.start,
    end: spot.end,
  }));
}

/** Returns the values that fit. */
export function suggestValues(
  spot: Spot & { kind: 'value' },
  values: readonly { value: string; note: string }[],
): Suggestion[] {
  const asked = spot.prefix.toLowerCase();
  return ranked(values, asked, (entry) => entry.value).map((entry) => ({
    kind: 'value',
    label: entry.value,
    note: entry.note,
    insert: `${quote(entry.value)} `,
    start: spot.start,
    end: spot.end,
  }));
}

/** Returns the text and the cursor behind what was put in. */
export function accept(q: string, suggestion: Suggestion): { q: string; cursor: number } {
  const tail = q.slice(suggestion.end);
  const insert = tail.startsWith(' ') ? suggestion.insert.trimEnd() : suggestion.insert;
  return { q: q.slice(0, suggestion.start) + insert + tail, cursor: suggestion.start + insert.length };
}

function ranked<T>(all: readonly T[], asked: string, text: (item: T) => string): T[] {
  const starts = all.filter((item) => text(item).toLowerCase().startsWith(asked));
  const holds = all.filter((item) => {
    const name = text(item).toLowerCase();
    return !name.startsWith(asked) && name.includes(asked);
  });
  return [...starts, ...holds].slice(0, MAX_SUGGESTIONS);
}

function wordEnd(q: string, cursor: number, isQuoted: boolean): number {
  const pattern = isQuoted ? /^(?:[^"\\]|\\.)*"?/s : /^[^\s()]*/;
  const length = pattern.exec(q.slice(cursor))?.[0].length ?? 0;
  return cursor + length;
}

function isInQuotes(before: string): boolean {
  return (before.replace(/\\./gs, '').match(/"/g)?.length ?? 0) % 2 === 1;
}

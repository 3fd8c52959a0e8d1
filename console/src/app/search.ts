/** What an address carries before it is checked: every value as text, repeated ones as a list. */
export type RawSearch = Record<string, unknown>;

/** Reads `?a=1&b=x&b=y` as plain text, so that links written by hand and by the API mean the same. */
export function parseSearch(address: string): RawSearch {
  const search: Record<string, string | string[]> = {};
  for (const [name, value] of new URLSearchParams(address)) {
    const before = search[name];
    if (before === undefined) search[name] = value;
    else search[name] = [...(Array.isArray(before) ? before : [before]), value];
  }
  return search;
}

/** Writes a search as `?a=1&b=x&b=y`; empty values are left out. */
export function stringifySearch(search: RawSearch): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(search)) {
    if (value === undefined || value === null || value === '') continue;
    if (Array.isArray(value)) for (const item of value) query.append(name, String(item));
    else query.append(name, String(value));
  }
  const text = query.toString();
  return text === '' ? '' : `?${text}`;
}

/** Returns the text of a value, or undefined where it is empty or a list. */
export function asText(value: unknown): string | undefined {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** Returns the texts of a value that may be repeated, or undefined where there are none. */
export function asTexts(value: unknown): string[] | undefined {
  const list = Array.isArray(value) ? value : [value];
  const texts = list.map(asText).filter((item) => item !== undefined);
  return texts.length > 0 ? texts : undefined;
}

/** Returns the value where it is one of `allowed`. */
export function asOneOf<T extends string>(value: unknown, allowed: readonly T[]): T | undefined {
  return allowed.find((item) => item === value);
}

/** Returns the whole number of a value that is at least `least`. */
export function asCount(value: unknown, least = 0): number | undefined {
  const number = Number(asText(value));
  return Number.isInteger(number) && number >= least ? number : undefined;
}

/** The languages that the console speaks. */
export type Lang = 'en' | 'ja';

/** A text in both languages, side by side so that one is not changed without the other. */
export interface Text {
  en: string;
  ja: string;
}

/** A page's texts by key. */
export type Texts = Record<string, Text>;

/** The names between braces in a text: `'{n} of {total}'` gives `'n' | 'total'`. */
type Names<S extends string> = S extends `${string}{${infer Name}}${infer Rest}` ? Name | Names<Rest> : never;

/** What a text needs to be filled in: nothing, or a value for each of its names. */
export type Fill<T extends Text> = [Names<T['en']>] extends [never]
  ? []
  : [values: Record<Names<T['en']>, string | number>];

/** Says a text of `T` in the current language. */
export type Say<T extends Texts> = <K extends keyof T>(key: K, ...fill: Fill<T[K]>) => string;

/**
 * Declares the texts of a page. Both languages are demanded by the type, and the Japanese text must name the
 * same values as the English one.
 *
 * A text with `|` has a singular and a plural, chosen by `{n}`: `'{n} event|{n} events'`. Japanese needs one.
 */
export function defineTexts<const T extends Texts>(texts: T & SameNames<T>): T {
  return texts;
}

type SameNames<T extends Texts> = {
  [K in keyof T]: [Names<T[K]['ja']>] extends [Names<T[K]['en']>]
    ? [Names<T[K]['en']>] extends [Names<T[K]['ja']>]
      ? T[K]
      : never
    : never;
};

/** Returns `text` in `lang` with its names filled in; numbers are written as the language writes them. */
export function say(text: Text, lang: Lang, values: Record<string, string | number> = {}): string {
  const chosen = plural(text[lang], lang, values.n);
  return chosen.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values[name];
    if (value === undefined) return whole;
    return typeof value === 'number' ? formatNumber(value, lang) : value;
  });
}

function plural(text: string, lang: Lang, n: string | number | undefined): string {
  const [one, other] = text.split('|');
  if (one === undefined || other === undefined) return text;
  return new Intl.PluralRules(lang).select(Number(n)) === 'one' ? one : other;
}

const integers: Record<Lang, Intl.NumberFormat> = {
  en: new Intl.NumberFormat('en'),
  ja: new Intl.NumberFormat('ja'),
};

/** Returns a number with the language's grouping. */
export function formatNumber(value: number, lang: Lang): string {
  return integers[lang].format(value);
}

const BYTE_UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'] as const;

/** Returns a size with three digits and its unit, in powers of 1000. */
export function formatBytes(bytes: number, lang: Lang): string {
  let value = bytes;
  let unit = 0;
  while (Math.abs(value) >= 999.5 && unit < BYTE_UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const digits = unit === 0 || value >= 100 ? 0 : value >= 10 ? 1 : 2;
  const formatted = new Intl.NumberFormat(lang, { maximumFractionDigits: digits }).format(value);
  return `${formatted} ${BYTE_UNITS[unit]}`;
}

import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo } from 'react';
import {
  type Fill,
  formatBytes,
  formatNumber,
  type Lang,
  type Say,
  say,
  type Text,
  type Texts,
} from './texts';

const STORAGE_KEY = 'sekisho.lang';

const LangContext = createContext<Lang>('en');

/** Returns the language of a link, else the one chosen before, else the browser's, else English. */
export function chooseLang(asked: string | undefined): Lang {
  const wanted = asked ?? remembered() ?? (typeof navigator === 'undefined' ? 'en' : navigator.language);
  return wanted.startsWith('ja') ? 'ja' : 'en';
}

/** Keeps the language for the next visit. */
export function rememberLang(lang: Lang): void {
  try {
    localStorage.setItem(STORAGE_KEY, lang);
  } catch {
    // Storage may be refused; the address still carries the language.
  }
}

function remembered(): string | undefined {
  try {
    return localStorage.getItem(STORAGE_KEY) ?? undefined;
  } catch {
    return undefined;
  }
}

/** Gives its children a language and tells the document. */
export function LangProvider({ lang, children }: { lang: Lang; children: ReactNode }) {
  useEffect(() => {
    document.documentElement.lang = lang;
  }, [lang]);
  return <LangContext value={lang}>{children}</LangContext>;
}

/** Returns the current language. */
export function useLang(): Lang {
  return useContext(LangContext);
}

/** Returns a function that says a page's texts in the current language. */
export function useTexts<const T extends Texts>(texts: T): Say<T> {
  const lang = useLang();
  return useCallback(
    <K extends keyof T>(key: K, ...fill: Fill<T[K]>) => {
      const text = texts[key];
      return text === undefined ? String(key) : say(text, lang, fill[0]);
    },
    [texts, lang],
  );
}

/** Returns a function that picks the current language of a text from the API. */
export function usePick(): (text: Text) => string {
  const lang = useLang();
  return useCallback((text: Text) => text[lang], [lang]);
}

/** Returns functions that write numbers and sizes in the current language. */
export function useNumbers(): { number: (value: number) => string; bytes: (value: number) => string } {
  const lang = useLang();
  return useMemo(
    () => ({
      number: (value: number) => formatNumber(value, lang),
      bytes: (value: number) => formatBytes(value, lang),
    }),
    [lang],
  );
}

import { useSyncExternalStore } from 'react';

/** How the console looks: as the system says, or fixed. */
export type Theme = 'system' | 'light' | 'dark';

/** The order in which the button goes through the themes. */
export const THEMES: readonly Theme[] = ['system', 'light', 'dark'];

const STORAGE_KEY = 'sekisho.theme';
const listeners = new Set<() => void>();

/** Returns the theme; `public/theme.js` has set it before the first paint. */
export function useTheme(): Theme {
  return useSyncExternalStore(subscribe, current);
}

/** Changes the theme and keeps it for the next visit. */
export function setTheme(theme: Theme): void {
  const root = document.documentElement;
  if (theme === 'system') delete root.dataset.theme;
  else root.dataset.theme = theme;
  try {
    localStorage.setItem(STORAGE_KEY, theme);
  } catch {
    // Storage may be refused; the theme then lasts until the page is left.
  }
  for (const listener of listeners) listener();
}

function current(): Theme {
  const theme = document.documentElement.dataset.theme;
  return theme === 'light' || theme === 'dark' ? theme : 'system';
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Most queries remembered; older ones are forgotten. */
export const MAX_HISTORY = 30;

const KEY = 'sekisho.events.history';

/** Returns the queries asked before, newest first. A browser without storage has none. */
export function readHistory(storage: Pick<Storage, 'getItem'> | null): string[] {
  try {
    const parsed: unknown = JSON.parse(storage?.getItem(KEY) ?? '[]');
    return Array.isArray(parsed)
      ? parsed.filter((entry) => typeof entry === 'string').slice(0, MAX_HISTORY)
      : [];
  } catch {
    return [];
  }
}

/** Remembers a query as the newest. */
export function remember(storage: Pick<Storage, 'getItem' | 'setItem'> | null, q: string): void {
  const asked = q.trim();
  if (asked === '') return;
  const rest = readHistory(storage).filter((entry) => entry !== asked);
  try {
    storage?.setItem(KEY, JSON.stringify([asked, ...rest].slice(0, MAX_HISTORY)));
  } catch {
    // Storage is full or forbidden: the history is a convenience, the search is not.
  }
}

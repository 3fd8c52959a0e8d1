import { useNavigate } from '@tanstack/react-router';
import { rememberLang } from '../i18n/lang';
import type { RootSearch } from './root-search';

/** Returns a function that changes what every address carries, in place. */
export function useChangeRoot(): (change: RootSearch) => void {
  const navigate = useNavigate();
  return (change) => {
    if (change.lang !== undefined) rememberLang(change.lang);
    void navigate({
      to: '.',
      search: (before: object) => ({ ...before, ...change }),
      replace: true,
      resetScroll: false,
    });
  };
}

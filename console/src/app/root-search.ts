import type { Lang } from '../i18n/texts';
import { isZone, ZONE_CHOICES, type ZoneChoice } from '../time/zone';
import { asOneOf, asText, type RawSearch } from './search';

/** What every address of the console may carry. */
export interface RootSearch {
  lang?: Lang;
  zone?: ZoneChoice;
  /** The zone that `zone=log` shows: IANA name or offset; the browser's where absent. */
  logzone?: string;
}

/** Names of the parameters that stay when one goes to another page. */
export const ROOT_KEYS = ['lang', 'zone', 'logzone'] as const satisfies (keyof RootSearch)[];

/** Returns the part of the search that all pages share. */
export function validateRootSearch(search: RawSearch): RootSearch {
  const logzone = asText(search.logzone);
  return {
    lang: asOneOf(search.lang, ['en', 'ja'] as const),
    zone: asOneOf(search.zone, ZONE_CHOICES),
    logzone: logzone !== undefined && isZone(logzone) ? logzone : undefined,
  };
}

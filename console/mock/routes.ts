import { searchRoutes } from './search';
import { storeRoutes } from './store';
import { verdictRoutes } from './verdict';

/** What a mocked endpoint answers. */
export interface Answer {
  status?: number;
  body: unknown;
}

/** Makes the answer from the query and the groups of the path's pattern. */
export type Make = (query: URLSearchParams, groups: string[]) => Answer;

/** Paths under /api/v1, first match wins. Each page's fixtures come from a module of its own. */
export const routes: [RegExp, Make][] = [...verdictRoutes, ...searchRoutes, ...storeRoutes];

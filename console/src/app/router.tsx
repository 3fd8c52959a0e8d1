import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
  retainSearchParams,
} from '@tanstack/react-router';
import { validateEventsSearch } from '../pages/events/search';
import { validateFindingsSearch } from '../pages/findings/search';
import { validateSessionSearch } from '../pages/session/search';
import { validateCoverageSearch, validateTablesSearch } from '../pages/tables/search';
import { NotFound, PageError } from './fallbacks';
import { ROOT_KEYS, type RootSearch, validateRootSearch } from './root-search';
import { parseSearch, stringifySearch } from './search';
import { Shell } from './shell';

const root = createRootRoute({
  component: Shell,
  notFoundComponent: NotFound,
  validateSearch: validateRootSearch,
  search: { middlewares: [retainSearchParams<RootSearch>([...ROOT_KEYS])] },
});

const verdict = createRoute({
  getParentRoute: () => root,
  path: '/',
  component: lazyRouteComponent(() => import('../pages/verdict/page')),
});

// The sheet is the first screen; its name is kept as a second way to it.
const verdictByName = createRoute({
  getParentRoute: () => root,
  path: '/verdict',
  beforeLoad: () => {
    throw redirect({ to: '/', replace: true });
  },
});

const findings = createRoute({
  getParentRoute: () => root,
  path: '/findings',
  validateSearch: validateFindingsSearch,
  component: lazyRouteComponent(() => import('../pages/findings/page')),
});

const events = createRoute({
  getParentRoute: () => root,
  path: '/events',
  validateSearch: validateEventsSearch,
  component: lazyRouteComponent(() => import('../pages/events/page')),
});

const session = createRoute({
  getParentRoute: () => root,
  path: '/session',
  validateSearch: validateSessionSearch,
  component: lazyRouteComponent(() => import('../pages/session/page')),
});

const tables = createRoute({
  getParentRoute: () => root,
  path: '/tables',
  validateSearch: validateTablesSearch,
  component: lazyRouteComponent(() => import('../pages/tables/page')),
});

const coverage = createRoute({
  getParentRoute: () => root,
  path: '/coverage',
  validateSearch: validateCoverageSearch,
  component: lazyRouteComponent(() => import('../pages/tables/coverage')),
});

const components = createRoute({
  getParentRoute: () => root,
  path: '/components',
  component: lazyRouteComponent(() => import('../pages/components/page')),
});

/** The console's pages; each page's code is fetched when one goes there. */
export const router = createRouter({
  routeTree: root.addChildren([
    verdict,
    verdictByName,
    findings,
    events,
    session,
    tables,
    coverage,
    components,
  ]),
  parseSearch,
  stringifySearch,
  defaultPreload: 'intent',
  defaultErrorComponent: PageError,
  scrollRestoration: true,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}

import { type APIRequestContext, expect, type Page } from '@playwright/test';

/** A page of the console at an address, and what shows that it is there. */
export interface ShownPage {
  name: string;
  path: string;
  /** Selector of something that is drawn only when the answer is. */
  ready: string;
}

/** Both themes. */
export const THEMES = ['light', 'dark'] as const;

/** Both languages. */
export const LANGS = ['en', 'ja'] as const;

/** Returns every page of the console, with keys that the server has. */
export async function everyPage(request: APIRequestContext): Promise<ShownPage[]> {
  const session = await first(request, '/api/v1/sessions?limit=1');
  const event = await first(request, '/api/v1/events?limit=1&q=session_key:*');
  const table = await first(request, '/api/v1/tables?limit=1');
  const finding = await first(request, '/api/v1/findings?limit=1');
  const text = (item: Item, member: string) => encodeURIComponent(String(item[member] ?? ''));
  return [
    { name: 'verdict', path: '/', ready: 'h1, .org' },
    { name: 'findings', path: '/findings', ready: 'tbody tr' },
    { name: 'finding', path: `/findings?finding=${text(finding, 'id')}`, ready: '.flyout-body *' },
    { name: 'events', path: '/events', ready: '[role=gridcell]' },
    {
      name: 'event',
      path: `/events?event=${text(event, 'event_uid')}`,
      ready: '.flyout .event-fields tbody tr',
    },
    {
      name: 'event-json',
      path: `/events?event=${text(event, 'event_uid')}&tab=json`,
      ready: '.flyout pre',
    },
    {
      name: 'event-surrounding',
      path: `/events?event=${text(event, 'event_uid')}&tab=surrounding&by=actor`,
      ready: '.surrounding-this',
    },
    { name: 'events-none', path: '/events?q=actor:nobody-at-all', ready: '.events-searched' },
    { name: 'sessions', path: '/session', ready: 'tbody tr' },
    { name: 'session', path: `/session?key=${text(session, 'session_key')}`, ready: '.tree-sessions li' },
    { name: 'tables', path: '/tables', ready: 'tbody tr' },
    { name: 'table', path: `/tables?table=${text(table, 'table')}`, ready: '.columns-table tbody tr' },
    { name: 'coverage', path: '/coverage', ready: '.coverage-row' },
    { name: 'components', path: '/components', ready: 'h1' },
  ];
}

/** Chooses a theme before a page is opened. */
export async function chooseTheme(page: Page, theme: (typeof THEMES)[number]): Promise<void> {
  await page.addInitScript((chosen) => localStorage.setItem('sekisho.theme', chosen), theme);
}

/** Opens a page and waits until its answer is drawn and its fonts are there. */
export async function open(page: Page, shown: ShownPage, query = ''): Promise<void> {
  const joint = shown.path.includes('?') ? '&' : '?';
  await page.goto(query === '' ? shown.path : `${shown.path}${joint}${query}`);
  await expect(page.locator(shown.ready).first()).toBeVisible();
  await page.waitForLoadState('networkidle');
  await page.evaluate(() => document.fonts.ready);
}

type Item = Record<string, unknown>;

async function first(request: APIRequestContext, path: string): Promise<Item> {
  const response = await request.get(path);
  expect(response.ok(), path).toBe(true);
  const [item] = ((await response.json()) as { items: Item[] }).items;
  expect(item, `${path} has an item`).toBeDefined();
  return item ?? {};
}

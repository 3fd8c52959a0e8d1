import type { Event, Histogram } from '../src/api/types';
import { outline, type Term } from '../src/parts/query-bar/terms';
import { byTime, events, STOLEN_LOGIN, STOLEN_SESSION } from './events';
import type { Answer, Make } from './routes';

const WORD_FIELDS = [
  'actor',
  'src_ip',
  'user_agent',
  'app',
  'object',
  'query',
  'message',
  'session_key',
] as const;
const WIDTHS_MS = [1_000, 10_000, 60_000, 600_000, 3_600_000, 21_600_000, 86_400_000];
const UPDATED_AT = '2025-11-24T03:00:00.000000Z';

/** Returns the invented events of a query's filter, by time; a problem where `q` is not understood. */
function found(query: URLSearchParams): Event[] | Answer {
  const q = query.get('q') ?? '';
  const at = q.indexOf('((');
  if (at >= 0) return badQuery(at);
  const terms = outline(q).terms;
  const unknown = terms.find((term) => term.field !== null && !(term.field in (events[0] as Event)));
  if (unknown) return badQuery(unknown.start, unknown.field);
  const from = query.get('from');
  const to = query.get('to');
  const orgs = query.getAll('org');
  const time = (event: Event) => Date.parse(event.time ?? '');
  return events.filter(
    (event) =>
      terms.every((term) => holds(event, term, q) !== term.isNegated) &&
      (orgs.length === 0 || orgs.includes(event.org ?? '')) &&
      (from === null || time(event) >= Date.parse(from)) &&
      (to === null || time(event) < Date.parse(to)),
  );
}

function holds(event: Event, term: Term, q: string): boolean {
  if (term.field === null) {
    const word = term.value.toLowerCase();
    return WORD_FIELDS.some((field) => (event[field] ?? '').toLowerCase().includes(word));
  }
  const value = event[term.field as keyof Event];
  if (term.value === '*' && !term.isQuoted) return value !== null;
  if (term.operator !== ':') {
    const number = Number(value ?? Number.NaN);
    if (term.operator === '>') return number > Number(term.value);
    if (term.operator === '>=') return number >= Number(term.value);
    return term.operator === '<' ? number < Number(term.value) : number <= Number(term.value);
  }
  const written = q.slice(term.valueStart, term.end);
  if (written.endsWith('*"') && !written.endsWith('\\*"')) {
    return String(value ?? '')
      .toLowerCase()
      .startsWith(term.value.slice(0, -1).toLowerCase());
  }
  if (term.field === 'src_ip' && term.value.endsWith('.0/24')) {
    return String(value ?? '').startsWith(term.value.replace('0/24', ''));
  }
  if (!term.isQuoted && term.value.includes('*')) {
    const pattern = term.value.replace(/[.+^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*');
    return new RegExp(`^${pattern}$`, 'i').test(String(value ?? ''));
  }
  return String(value ?? '').toLowerCase() === term.value.toLowerCase();
}

function badQuery(at: number, field?: string | null): Answer {
  return {
    status: 400,
    body: {
      type: 'about:blank',
      title: { en: 'bad query', ja: '検索文が正しくありません。' },
      status: 400,
      detail: field
        ? { en: `there is no field ${field}`, ja: `項目 ${field} はありません。` }
        : { en: 'a parenthesis is not closed', ja: '括弧が閉じられていません。' },
      code: 'bad_query',
      hint: field ? { en: 'did you mean actor', ja: 'actor ではありませんか。' } : null,
      at: { start: at, end: at + (field?.length ?? 2) },
    },
  };
}

const page: Make = (query) => {
  const rows = found(query);
  if (!Array.isArray(rows)) return rows;
  const dated = rows.filter((event) => event.time !== null);
  const undated = rows.filter((event) => event.time === null);
  const ordered = [...(query.get('sort') === 'asc' ? dated : dated.reverse()), ...undated];
  const start = Number(query.get('cursor') ?? 0);
  const end = start + Number(query.get('limit') ?? 100);
  return {
    body: {
      items: ordered.slice(start, end),
      next_cursor: end < ordered.length ? String(end) : null,
      updated_at: UPDATED_AT,
      took_ms: 12,
    },
  };
};

const histogram: Make = (query) => {
  const rows = found(query);
  if (!Array.isArray(rows)) return rows;
  const times = rows.flatMap((event) => (event.time === null ? [] : [Date.parse(event.time)]));
  const first = Date.parse(query.get('from') ?? '') || (times[0] ?? 0);
  const last = Date.parse(query.get('to') ?? '') || (times.at(-1) ?? 0) + 1;
  const most = Number(query.get('buckets') ?? 120);
  const width = WIDTHS_MS.find((ms) => (last - first) / ms <= most) ?? 86_400_000;
  const start = Math.floor(first / width) * width;
  const buckets = new Array<number>(Math.max(1, Math.ceil((last - start) / width))).fill(0);
  for (const ms of times) {
    const bucket = Math.floor((ms - start) / width);
    buckets[bucket] = (buckets[bucket] ?? 0) + 1;
  }
  const body: Histogram = {
    from: times.length > 0 ? new Date(start).toISOString() : null,
    to: times.length > 0 ? new Date(start + buckets.length * width).toISOString() : null,
    bucket_ms: width,
    buckets: times.length > 0 ? buckets : [],
    total: times.length,
    undated: rows.length - times.length,
    took_ms: 9,
  };
  return { body };
};

const facets: Make = (query) => {
  const rows = found(query);
  if (!Array.isArray(rows)) return rows;
  const fields = (query.get('fields') ?? 'org,table,actor,app,src_ip,user_agent,object,outcome').split(',');
  return {
    body: {
      facets: fields.map((field) => facet(rows, field as keyof Event)),
      total: rows.length,
      took_ms: 20,
    },
  };
};

function facet(rows: Event[], field: keyof Event) {
  const counts = new Map<string, number>();
  let missing = 0;
  for (const row of rows) {
    const value = row[field];
    if (value === null) missing += 1;
    else counts.set(String(value), (counts.get(String(value)) ?? 0) + 1);
  }
  const sorted = [...counts].sort((a, b) => b[1] - a[1]);
  return {
    field,
    values: sorted.slice(0, 10).map(([value, count]) => ({ value, count })),
    other: sorted.slice(10).reduce((sum, [, count]) => sum + count, 0),
    missing,
  };
}

const fields: Make = () => ({
  body: {
    fields: Object.keys(events[0] as Event).map((name) => ({
      name,
      meaning: { en: `meaning of ${name}`, ja: `${name} の意味` },
    })),
  },
});

const detail: Make = (_query, [uid]) => {
  const event = events.find((candidate) => candidate.event_uid === uid);
  if (!event) return missing(`the event ${uid}`);
  return {
    body: {
      event,
      table: {
        name: event.table,
        about: { en: 'requests through the API', ja: 'API による要求' },
      },
      fields: [
        typed('EVENT_TYPE', 'text', null, event.kind),
        typed('TIMESTAMP', 'time', null, event.time, event.time?.replace(/[-:]/g, '').slice(0, 15)),
        typed('USER_NAME', 'text', null, event.actor),
        typed('CLIENT_IP', 'ip', null, event.src_ip),
        typed('ROWS_PROCESSED', 'integer', 'rows', event.rows),
        typed('DB_TOTAL_TIME', 'integer', 'ns', (event.duration_ms ?? 0) * 1_000_000),
        typed('QUERY', 'text', null, event.query),
        typed('SESSION_KEY', 'text', null, event.session_key),
        typed('LOGIN_KEY', 'text', null, event.login_key),
        typed('API_VERSION', 'decimal', null, 61),
        typed('EXCEPTION_MESSAGE', 'text', null, null),
      ],
      extra: { UNKNOWN_COLUMN: 'kept as it came' },
    },
  };
};

function typed(
  name: string,
  type: string,
  unit: string | null,
  value: string | number | null,
  original: string | null = null,
) {
  return {
    name,
    type,
    unit,
    meaning: { en: `${name}, as logged`, ja: `${name}（記録のまま）` },
    value,
    original,
  };
}

const surrounding: Make = (query, [uid]) => {
  const event = events.find((candidate) => candidate.event_uid === uid);
  if (!event) return missing(`the event ${uid}`);
  const by = query.get('by') ?? 'session';
  const column = { session: 'session_key', actor: 'actor', address: 'src_ip', org: 'org' }[by] as keyof Event;
  if (event[column] === null) return { ...missing(`${column} of the event`), status: 400 };
  const same = events.filter((other) => other[column] === event[column]).sort(byTime);
  const at = same.indexOf(event);
  const limit = Number(query.get('limit') ?? 20);
  return {
    body: {
      by,
      before: same.slice(Math.max(0, at - limit), at),
      event,
      after: same.slice(at + 1, at + 1 + limit),
    },
  };
};

const session: Make = (query) => {
  const key = query.get('key') ?? '';
  if (key.startsWith('nowhere')) return missing(`the key ${key}`);
  const isStolen = key === STOLEN_SESSION || key === STOLEN_LOGIN;
  const one = (session_key: string, extra: object) => ({
    session_key,
    kind: 'unknown',
    reasons: [],
    flags: [],
    user: 'tsumugi.integration@kaede.example',
    src_ips: ['203.0.113.24', '203.0.113.77'],
    user_agents: ['python-requests/2.32.4'],
    from: '2025-11-14T17:02:11.000000Z',
    to: '2025-11-14T18:32:02.000000Z',
    events: 600,
    tables: { 'salesforce.ApiEvent': 600 },
    is_capped: false,
    ...extra,
  });
  return {
    body: {
      login_key: isStolen ? STOLEN_LOGIN : null,
      orgs: ['kaede-japan'],
      user: 'tsumugi.integration@kaede.example',
      login: isStolen
        ? {
            time: '2025-11-14T16:58:01.000000Z',
            table: 'salesforce.LoginEvent',
            event_uid: events[0]?.event_uid ?? null,
            user: 'tsumugi.integration@kaede.example',
            user_id: '005xx000001Tsumu',
            src_ip: '192.0.2.17',
            country: 'JP',
            user_agent: 'tsumugi-connect/4.2',
            app: 'Tsumugi Connect',
            action: 'Remote Access 2.0',
            outcome: 'success',
            session_level: 'STANDARD',
            session_key: null,
          }
        : null,
      sessions: [
        one('sk/root', {
          kind: 'login',
          reasons: ['first_after_login'],
          src_ips: ['192.0.2.17'],
          user_agents: ['tsumugi-connect/4.2'],
          from: '2025-11-14T16:58:02.000000Z',
          to: '2025-11-14T23:10:40.000000Z',
          events: 211,
        }),
        one(isStolen ? STOLEN_SESSION : key, {
          reasons: ['other_device', 'other_address'],
          flags: ['other_device', 'other_address'],
        }),
        one('sk/front', {
          kind: 'frontdoor',
          reasons: ['frontdoor_seen'],
          flags: ['other_device'],
          from: '2025-11-14T18:01:00.000000Z',
          to: '2025-11-14T18:09:12.000000Z',
          events: 14,
          tables: { 'salesforce.UriEvent': 12, 'salesforce.ReportEvent': 2 },
        }),
        one('sk/as', {
          kind: 'login_as',
          reasons: ['login_as_event'],
          flags: ['other_user'],
          user: 'aoi.tanaka@kaede.example',
          from: '2025-11-14T20:15:00.000000Z',
          to: '2025-11-14T20:31:00.000000Z',
          events: 41,
        }),
      ],
      events_without_session: 3,
      is_capped: false,
    },
  };
};

const sessions: Make = () => ({
  body: {
    items: [
      {
        login_key: STOLEN_LOGIN,
        session_key: STOLEN_SESSION,
        org: 'kaede-japan',
        user: 'tsumugi.integration@kaede.example',
        app: 'Tsumugi Connect',
        src_ip: '203.0.113.24',
        addresses: 2,
        events: 600,
        from: '2025-11-14T17:02:11.000000Z',
        to: '2025-11-14T18:32:02.000000Z',
        findings: 4,
      },
      ...Array.from({ length: 40 }, (_, number) => ({
        login_key: null,
        session_key: `sk/aoi.tanaka+${number}`,
        org: 'kaede-us',
        user: 'aoi.tanaka@kaede.example',
        app: null,
        src_ip: '198.51.100.12',
        addresses: 1,
        events: 60 + number,
        from: `2025-11-${String((number % 23) + 1).padStart(2, '0')}T01:00:00.000000Z`,
        to: `2025-11-${String((number % 23) + 1).padStart(2, '0')}T09:00:00.000000Z`,
        findings: 0,
      })),
    ],
    next_cursor: null,
    updated_at: UPDATED_AT,
  },
});

function missing(what: string): Answer {
  return {
    status: 404,
    body: {
      type: 'about:blank',
      title: { en: 'not found', ja: '見つかりません。' },
      status: 404,
      detail: { en: `${what} does not exist`, ja: `${what} が見つかりません。` },
      code: 'not_found',
      hint: null,
    },
  };
}

/** The invented answers of the event search and of sessions. */
export const searchRoutes: [RegExp, Make][] = [
  [/^\/events$/, page],
  [/^\/events\/histogram$/, histogram],
  [/^\/events\/facets$/, facets],
  [/^\/events\/fields$/, fields],
  [/^\/events\/([0-9a-f]{32})$/, detail],
  [/^\/events\/([0-9a-f]{32})\/surrounding$/, surrounding],
  [/^\/session$/, session],
  [/^\/sessions$/, sessions],
];

import type { Make } from './routes';

const FROM = '2025-10-27T00:04:11.000000Z';
const TO = '2025-11-23T23:58:59.000000Z';
const DAY_MS = 86_400_000;

const TABLES = [
  ['salesforce.ApiEvent', 'event', 'requests through the API', 'API による要求', 8_610],
  ['salesforce.LoginEvent', 'event', 'logins', 'ログイン', 2_204],
  ['salesforce.UriEvent', 'event', 'pages opened in the browser', 'ブラウザーで開いたページ', 9_920],
  ['salesforce_elf.Report', 'file', 'reports that were run', '実行されたレポート', 611],
  ['gitlab.audit_events', 'event', 'audit events', '監査イベント', 5_990],
] as const;

const ORGS = ['kaede-japan', 'kaede-us', 'kaede-emea'] as const;

const tables: Make = () => ({
  body: {
    items: TABLES.map(([table, , en, ja, events], number) => ({
      table,
      kind: 'table',
      events,
      from: FROM,
      to: TO,
      ages_out: number === 3 ? null : '2026-04-25T00:04:11.000000Z',
      retention_days: number === 3 ? null : 180,
      about: { en, ja },
    })),
    next_cursor: null,
    updated_at: TO,
  },
});

const table: Make = (_query, [name]) => ({
  body: {
    table: name,
    about: { en: 'requests through the API', ja: 'API による要求' },
    columns: [
      column('EventDate', 'time', null, 'when the request was made', '要求の日時'),
      column('Username', 'text', null, 'who made it', '要求した人'),
      column('RowsProcessed', 'integer', 'rows', 'rows read or written', '読み書きした行数', [
        'blank for bulk requests',
      ]),
      column('ElapsedTime', 'integer', 'ms', 'how long it took', '所要時間'),
    ],
  },
});

function column(
  name: string,
  type: string,
  unit: string | null,
  en: string,
  ja: string,
  doubt: string[] = [],
) {
  return { column: name, type, unit, meaning: { en, ja }, doubt };
}

const coverage: Make = (query) => {
  const asked = query.getAll('org');
  const orgs = ORGS.filter((org) => asked.length === 0 || asked.includes(org));
  return {
    body: {
      from: FROM,
      to: TO,
      orgs: orgs.map((org, orgNumber) => ({
        org,
        verdict: (['hit', 'hit', 'inconclusive'] as const)[orgNumber],
        tables: TABLES.slice(0, 4).map(([name], tableNumber) => covered(org, name, orgNumber, tableNumber)),
      })),
    },
  };
};

function covered(org: string, name: string, orgNumber: number, tableNumber: number) {
  const hasGap = orgNumber === 2 && tableNumber === 0;
  const days = Array.from({ length: 28 }, (_, number) => ({
    day: new Date(Date.parse('2025-10-27T00:00:00Z') + number * DAY_MS).toISOString().slice(0, 10),
    events:
      hasGap && number === 18
        ? 0
        : Math.round(120 * (1 + Math.sin(number * 0.9)) * (number % 7 > 4 ? 0.2 : 1)),
  }));
  return {
    table: name,
    org,
    from: FROM,
    to: TO,
    events: days.reduce((sum, day) => sum + day.events, 0),
    undated: tableNumber === 3 ? 2 : 0,
    gaps: hasGap
      ? [
          {
            from: '2025-11-14T03:00:00.000000Z',
            to: '2025-11-15T09:00:00.000000Z',
            reason: 'missing_file',
            expected_events: 311.4,
            probability: 1e-9,
          },
        ]
      : [],
    gap_count: hasGap ? 1 : 0,
    quiet_hours: 31 + tableNumber,
    ...(tableNumber === 3
      ? { late: { from: '2025-11-23T12:00:00.000000Z', to: '2025-11-24T00:00:00.000000Z' } }
      : {}),
    blind:
      tableNumber === 2
        ? [
            { reason: 'field_absent', kinds: ['user_agent'], columns: ['user_agent'], decides: false },
            {
              reason: 'blank_by_design',
              kinds: ['ip'],
              columns: ['src_ip'],
              rows: 120,
              when: { en: 'in requests that the platform makes itself', ja: 'プラットフォーム自身の要求で' },
              decides: true,
            },
          ]
        : [],
    is_capped: false,
    days,
  };
}

/** The invented answers about tables and coverage. */
export const storeRoutes: [RegExp, Make][] = [
  [/^\/tables$/, tables],
  [/^\/tables\/([^/]+)$/, table],
  [/^\/coverage$/, coverage],
];

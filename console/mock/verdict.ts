import type { FindingGroup, Level, OrgSheet, Sheet, Status } from '../src/api/types';
import type { Make } from './routes';

const FROM = '2025-10-27T00:00:00.000000Z';
const TO = '2025-11-24T00:00:00.000000Z';

const status: Status = {
  version: '0.1.0',
  is_demo: true,
  generation: 'mock-1',
  updated_at: '2025-11-24T01:12:09.000000Z',
  events: 301_482,
  from: FROM,
  to: TO,
  orgs: [
    { org: 'kaede-japan', events: 148_210, from: FROM, to: TO },
    { org: 'kaede-us', events: 71_377, from: FROM, to: TO },
    { org: 'kaede-emea', events: 39_004, from: FROM, to: TO },
    { org: 'gitlab.kaede.example', events: 41_620, from: FROM, to: TO },
    { org: 'kaede-aws', events: 1_271, from: FROM, to: TO },
  ],
  lists: [
    {
      name: 'tsumugi-advisory',
      version: '2',
      as_of: '2025-11-24',
      source: 'Tsumugi security advisory',
      indicators: 41,
      skipped: 0,
      unusable: 0,
    },
  ],
  allow_lists: [{ name: 'tsumugi-networks', app: 'Tsumugi Connect', ranges: 1 }],
  rules: 38,
  acts: {
    total: 17,
    found: 15,
    not_found: [
      {
        id: 'quiet-read',
        name: {
          en: 'Slow reading of single records by the UI API',
          ja: 'UI API による 1 件ずつの遅い読み出し',
        },
        why: {
          en: 'the pace is that of a person; it takes a baseline per user to see it',
          ja: '人の操作と同じ速さのため、ユーザーごとの基準線がないと見分けられません。',
        },
      },
      {
        id: 'token-reuse-mobile',
        name: { en: 'Refresh token used from a phone network', ja: '携帯網からのリフレッシュトークンの使用' },
        why: {
          en: 'the address is in no list and the application has no allow-list',
          ja: 'アドレスはどの指標リストにもなく、アプリケーションの許可リストもありません。',
        },
      },
    ],
  },
};

const noFindings: Record<Level, number> = { critical: 0, high: 0, medium: 0, low: 0, informational: 0 };

const orgs: OrgSheet[] = [
  {
    org: 'gitlab.kaede.example',
    verdict: 'hit',
    because: ['indicator'],
    hits: 214,
    weak_hits: 0,
    outside_allow_list: 0,
    events: 41_620,
    from: '2025-10-27T00:00:04.120000Z',
    to: '2025-11-23T23:59:41.000000Z',
    findings: { critical: 1, high: 3, medium: 4, low: 0, informational: 2 },
    actors: [
      {
        app: null,
        user: 'deploy-bot',
        sessions: [],
        session_count: 0,
        tokens: ['5121'],
        token_count: 1,
        addresses: ['203.0.113.77'],
        address_count: 1,
        user_agents: ['git/2.46.0'],
        events: 214,
        from: '2025-11-20T18:02:11.000000Z',
        to: '2025-11-20T19:40:02.000000Z',
        is_outside_allow_list: false,
        query: 'actor:deploy-bot src_ip:203.0.113.77',
      },
    ],
    actor_count: 1,
    objects: [
      {
        object: 'kaede/billing',
        accessed: 61,
        returned_rows: null,
        returned_table: null,
        taken_events: 2,
        taken_rows: null,
        taken_bytes: 48_113_920,
        taken_by: ['git_clone'],
        query: 'target:"kaede/billing" src_ip:203.0.113.77',
      },
      {
        object: 'AWS_SECRET_ACCESS_KEY',
        accessed: 3,
        returned_rows: null,
        returned_table: null,
        taken_events: 3,
        taken_rows: null,
        taken_bytes: null,
        taken_by: ['variable_read'],
        query: 'action:variable_read src_ip:203.0.113.77',
      },
      {
        object: 'kaede/infra',
        accessed: 44,
        returned_rows: null,
        returned_table: null,
        taken_events: 1,
        taken_rows: null,
        taken_bytes: null,
        taken_by: ['git_clone'],
        query: 'target:"kaede/infra" src_ip:203.0.113.77',
      },
    ],
    object_count: 3,
    weak: [],
    unseen: [
      {
        kind: 'not_shown',
        table: 'gitlab.production_json',
        from: null,
        to: null,
        expected_events: null,
        text: {
          en: 'the size of a clone over SSH is in no log here',
          ja: 'SSH による clone の大きさは、ここにあるどのログにも出ません。',
        },
        settle: {
          log: 'gitlab.shell_log',
          text: { en: 'Gitaly and shell logs of 20 November', ja: '11 月 20 日の Gitaly と shell のログ' },
        },
      },
    ],
    unseen_count: 1,
    next: [
      {
        code: 'rotate_secret',
        text: {
          en: 'Replace the 3 variables that were read, first AWS_SECRET_ACCESS_KEY',
          ja: '読まれた変数 3 件を交換してください。AWS_SECRET_ACCESS_KEY を最初に行います。',
        },
      },
      {
        code: 'revoke_token',
        text: {
          en: 'Revoke the tokens of deploy-bot',
          ja: 'deploy-bot のトークンを失効させてください。',
        },
      },
    ],
  },
  {
    org: 'kaede-japan',
    verdict: 'hit',
    because: ['indicator', 'outside_allow_list'],
    hits: 4_812,
    weak_hits: 37,
    outside_allow_list: 5_006,
    events: 148_210,
    from: FROM,
    to: '2025-11-23T23:59:58.201000Z',
    findings: { critical: 2, high: 9, medium: 14, low: 6, informational: 31 },
    actors: [
      {
        app: 'Tsumugi Connect',
        user: 'tsumugi.integration@kaede.example',
        sessions: ['9Gk+1rB/xQ0aZ3Ln', 'tR5mW8yPq2VdJ7cH', 'uB1nX4zKs6TfL9eG'],
        session_count: 7,
        tokens: [],
        token_count: 0,
        addresses: ['203.0.113.14', '203.0.113.15', '203.0.113.201', '203.0.113.77'],
        address_count: 4,
        user_agents: ['python-requests/2.32.3', 'Salesforce-Multi-Org-Fetcher/1.0'],
        events: 4_790,
        from: '2025-11-16T16:14:22.031000Z',
        to: '2025-11-19T20:41:55.870000Z',
        is_outside_allow_list: true,
        query: 'app:"Tsumugi Connect" src_ip:203.0.113.0/24',
      },
      {
        app: null,
        user: 'mika.sato@kaede.example',
        sessions: ['vC2oY5aLt7UgM0fH'],
        session_count: 1,
        tokens: [],
        token_count: 0,
        addresses: ['203.0.113.14'],
        address_count: 1,
        user_agents: ['Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36'],
        events: 22,
        from: '2025-11-18T15:03:00.000000Z',
        to: '2025-11-18T15:21:40.000000Z',
        is_outside_allow_list: false,
        query: 'actor:mika.sato@kaede.example src_ip:203.0.113.14',
      },
    ],
    actor_count: 2,
    objects: [
      {
        object: 'Case',
        accessed: 2_190,
        returned_rows: 1_204_566,
        returned_table: 'salesforce.ApiEvent',
        taken_events: 3,
        taken_rows: 412_870,
        taken_bytes: 918_233_600,
        taken_by: ['bulk_result_download'],
        query: 'object:Case src_ip:203.0.113.0/24',
      },
      {
        object: 'Contact',
        accessed: 1_408,
        returned_rows: 689_120,
        returned_table: 'salesforce.ApiEvent',
        taken_events: 2,
        taken_rows: 301_004,
        taken_bytes: 404_113_221,
        taken_by: ['bulk_result_download', 'report_export'],
        query: 'object:Contact src_ip:203.0.113.0/24',
      },
      {
        object: 'Account',
        accessed: 622,
        returned_rows: 88_340,
        returned_table: 'salesforce_elf.API',
        taken_events: 0,
        taken_rows: null,
        taken_bytes: null,
        taken_by: [],
        query: 'object:Account src_ip:203.0.113.0/24',
      },
      {
        object: 'User',
        accessed: 190,
        returned_rows: 4_212,
        returned_table: 'salesforce.ApiEvent',
        taken_events: 0,
        taken_rows: null,
        taken_bytes: null,
        taken_by: [],
        query: 'object:User src_ip:203.0.113.0/24',
      },
      {
        object: 'Opportunity',
        accessed: 84,
        returned_rows: null,
        returned_table: null,
        taken_events: 0,
        taken_rows: null,
        taken_bytes: null,
        taken_by: [],
        query: 'object:Opportunity src_ip:203.0.113.0/24',
      },
    ],
    object_count: 9,
    weak: [{ indicator: 'python-requests/2.32.3', kind: 'user_agent', events: 37, columns: ['CLIENT_NAME'] }],
    unseen: [
      {
        kind: 'gap',
        table: 'salesforce_elf.API',
        from: '2025-11-18T15:00:00.000000Z',
        to: '2025-11-18T19:00:00.000000Z',
        expected_events: 1_960,
        text: {
          en: 'no API file for four hours while the session was open',
          ja: 'セッションが続いていた 4 時間、API のファイルがありません。',
        },
        settle: {
          log: 'EventLogFile API (hourly)',
          text: { en: 'download the hourly files of 18 November', ja: '11 月 18 日の毎時ファイルを取得' },
        },
      },
      {
        kind: 'blind',
        table: 'salesforce.LoginHistory',
        from: null,
        to: null,
        expected_events: null,
        text: {
          en: 'logins do not show what was read afterwards',
          ja: 'ログインの記録からは、その後に何が読まれたか分かりません。',
        },
        settle: {
          log: 'salesforce.FileEvent',
          text: { en: 'export FileEvent from event monitoring', ja: 'イベント監視から FileEvent を書き出し' },
        },
      },
      {
        kind: 'no_data',
        table: 'salesforce_elf.ContentTransfer',
        from: null,
        to: null,
        expected_events: null,
        text: {
          en: 'downloads of files are unknown: no ContentTransfer file was given',
          ja: 'ContentTransfer がないため、ファイルのダウンロードは不明です。',
        },
        settle: {
          log: 'EventLogFile ContentTransfer',
          text: {
            en: 'download it before 2025-12-18, when it ages out',
            ja: '保存期限の 2025-12-18 までに取得してください。',
          },
        },
      },
    ],
    unseen_count: 5,
    next: [
      {
        code: 'keep_logs',
        text: {
          en: 'Download every event log file of November before 2025-12-18, when the first ages out',
          ja: '保存期限が切れ始める 2025-12-18 までに、11 月のイベントログファイルをすべて取得してください。',
        },
      },
      {
        code: 'revoke_token',
        text: {
          en: 'Revoke the tokens of Tsumugi Connect for tsumugi.integration@kaede.example and block the app',
          ja: 'tsumugi.integration@kaede.example の Tsumugi Connect トークンを失効させ、アプリを遮断してください。',
        },
      },
      {
        code: 'reset_session',
        text: {
          en: 'End the session of mika.sato@kaede.example that was opened by login-as',
          ja: '代理ログインで開かれた mika.sato@kaede.example のセッションを終了してください。',
        },
      },
    ],
  },
  {
    org: 'kaede-aws',
    verdict: 'hit',
    because: ['indicator'],
    hits: 58,
    weak_hits: 0,
    outside_allow_list: 0,
    events: 1_271,
    from: '2025-11-01T00:12:00.000000Z',
    to: '2025-11-23T22:04:10.000000Z',
    findings: { critical: 0, high: 2, medium: 1, low: 0, informational: 0 },
    actors: [
      {
        app: null,
        user: 'ci-deployer',
        sessions: [],
        session_count: 0,
        tokens: ['5121'],
        token_count: 1,
        addresses: ['203.0.113.78'],
        address_count: 1,
        user_agents: ['aws-cli/2.17.44', 'Boto3/1.34.131'],
        events: 58,
        from: '2025-11-20T19:52:30.000000Z',
        to: '2025-11-20T21:13:09.000000Z',
        is_outside_allow_list: false,
        query: 'actor:ci-deployer src_ip:203.0.113.78',
      },
    ],
    actor_count: 1,
    objects: [
      {
        object: 'kaede-exports',
        accessed: 49,
        returned_rows: null,
        returned_table: null,
        taken_events: 38,
        taken_rows: null,
        taken_bytes: 2_313_004_211,
        taken_by: ['object_download'],
        query: 'object:kaede-exports src_ip:203.0.113.78',
      },
    ],
    object_count: 1,
    weak: [],
    unseen: [],
    unseen_count: 0,
    next: [
      {
        code: 'rotate_secret',
        text: {
          en: 'Deactivate the access key of ci-deployer, then issue another',
          ja: 'ci-deployer のアクセスキーを無効にし、新しく発行してください。',
        },
      },
    ],
  },
  {
    org: 'kaede-emea',
    verdict: 'inconclusive',
    because: [],
    hits: 0,
    weak_hits: 0,
    outside_allow_list: 0,
    events: 39_004,
    from: FROM,
    to: '2025-11-23T23:58:02.000000Z',
    findings: { ...noFindings, medium: 2, informational: 8 },
    actors: [],
    actor_count: 0,
    objects: [],
    object_count: 0,
    weak: [],
    unseen: [
      {
        kind: 'gap',
        table: 'salesforce_elf.API',
        from: '2025-11-17T09:00:00.000000Z',
        to: '2025-11-17T21:00:00.000000Z',
        expected_events: 880,
        text: {
          en: 'API calls are missing in the hours in which other orgs were attacked',
          ja: '他の組織が攻撃された時間帯の API 呼び出しが欠けています。',
        },
        settle: {
          log: 'EventLogFile API (daily)',
          text: { en: 'fetch the daily file of 17 November again', ja: '11 月 17 日の日次ファイルを再取得' },
        },
      },
    ],
    unseen_count: 1,
    next: [
      {
        code: 'get_missing_log',
        text: {
          en: 'Fetch EventLogFile API of 17 November and hunt again',
          ja: '11 月 17 日の EventLogFile API を取得し、もう一度ハントしてください。',
        },
      },
    ],
  },
  {
    org: 'kaede-us',
    verdict: 'clear',
    because: [],
    hits: 0,
    weak_hits: 4,
    outside_allow_list: 0,
    events: 71_377,
    from: FROM,
    to: '2025-11-23T23:59:30.000000Z',
    findings: { ...noFindings, medium: 1, low: 3, informational: 12 },
    actors: [],
    actor_count: 0,
    objects: [],
    object_count: 0,
    weak: [{ indicator: 'aiohttp/3.9', kind: 'user_agent', events: 4, columns: ['USER_AGENT'] }],
    unseen: [],
    unseen_count: 0,
    next: [
      {
        code: 'hunt_again',
        text: {
          en: 'Hunt again when the advisory has a new version',
          ja: '勧告が改版されたら、もう一度ハントしてください。',
        },
      },
    ],
  },
];

const sheet: Sheet = {
  made_at: '2025-11-24T01:12:09.000000Z',
  from: null,
  to: null,
  verdict: 'hit',
  lists: [
    {
      name: 'tsumugi-advisory',
      version: '2',
      as_of: '2025-11-24',
      source: 'Tsumugi security advisory',
      indicators: 41,
    },
  ],
  allow_lists: [{ name: 'tsumugi-networks', app: 'Tsumugi Connect', ranges: 1 }],
  rules: 38,
  orgs,
};

const RULES: [string, string, Level, string][] = [
  [
    'salesforce-bulk-delete-after-export',
    'Bulk job deleted seconds after its result was downloaded',
    'critical',
    'Sekisho',
  ],
  [
    'salesforce-report-export-new-network',
    'Report exported from a network new to the user',
    'high',
    'Sekisho',
  ],
  ['aws-access-key-new-asn', 'Access key used from a network that never used it', 'high', 'N. Example'],
  ['salesforce-login-as', 'Login as another user', 'medium', 'Sekisho'],
  ['gitlab-variable-read', 'CI/CD variables read by API', 'medium', 'Sekisho'],
  ['salesforce-describe-burst', 'Burst of describe calls', 'low', 'Sekisho'],
];

const groups: FindingGroup[] = Array.from({ length: 46 }, (_, index) => group(index));

function group(index: number): FindingGroup {
  const isList = index % 7 === 3;
  const [ruleId, rule, level, author] = RULES[Math.floor((index * RULES.length) / 46)] ??
    RULES[0] ?? ['', '', 'low', ''];
  const org = ['kaede-japan', 'gitlab.kaede.example', 'kaede-aws', 'kaede-us'][index % 4] ?? '';
  return {
    id: `f${index.toString().padStart(4, '0')}`,
    source: isList ? 'indicator' : 'rule',
    rule_id: isList ? 'tsumugi-advisory' : ruleId,
    rule: isList ? '203.0.113.0/24' : rule,
    title: {
      en: isList ? 'Indicator 203.0.113.0/24' : rule,
      ja: isList ? '侵害指標 203.0.113.0/24' : `${rule}（訳）`,
    },
    author: isList ? 'Tsumugi security advisory' : index % 5 === 4 ? null : author,
    level,
    org,
    actor:
      index % 6 === 5
        ? null
        : index === 2
          ? 'tsumugi\u202e.noitargetni@kaede.example'
          : 'tsumugi.integration@kaede.example',
    sessions: index % 3 === 0 ? ['9Gk+1rB/xQ0aZ3Ln'] : [],
    session_count: index % 3 === 0 ? 7 : 0,
    src_ips: ['203.0.113.14', '203.0.113.15', '203.0.113.201'].slice(0, 1 + (index % 3)),
    tables: ['salesforce.ApiEvent', 'salesforce_elf.RestApi'],
    events: 1 + ((index * 37) % 900),
    from: `2025-11-${String(16 + (index % 5)).padStart(2, '0')}T16:14:22.031000Z`,
    to: `2025-11-${String(17 + (index % 5)).padStart(2, '0')}T03:41:55.870000Z`,
    tags: ['attack.exfiltration', 'attack.t1567'],
    act:
      index % 4 === 0 ? { id: 'bulk-pull', name: { en: 'Bulk pull of Case', ja: 'Case の一括取得' } } : null,
    examples: ['00000000000000000000000000000001', '00000000000000000000000000000002'],
    query: 'actor:tsumugi.integration@kaede.example src_ip:203.0.113.0/24',
  };
}

function findings(query: URLSearchParams) {
  const levels = query.getAll('level');
  const asked = query.getAll('org');
  const rule = query.get('rule_id');
  const items = groups.filter(
    (item) =>
      (levels.length === 0 || levels.includes(item.level)) &&
      (asked.length === 0 || asked.includes(item.org)) &&
      (rule === null || item.rule_id === rule),
  );
  return { items, next_cursor: null, updated_at: status.updated_at };
}

function finding(id: string) {
  const found = groups.find((item) => item.id === id);
  if (found === undefined) return { status: 404, body: null };
  return {
    body: {
      ...found,
      description: {
        en: 'A result was downloaded and its job deleted within a minute. People and integrations leave their jobs; deleting hides what was asked.',
        ja: '結果のダウンロードから 1 分以内にジョブが削除されました。通常は利用者も連携アプリもジョブを残します。',
      },
      falsepositives: ['An integration that tidies up after itself', 'A test of the bulk API'],
      references: ['https://rules.example/salesforce-bulk-delete'],
    },
  };
}

/** The answers behind the verdict and findings pages. */
export const verdictRoutes: [RegExp, Make][] = [
  [/^\/status$/, () => ({ body: status })],
  [/^\/verdict$/, () => ({ body: sheet })],
  [/^\/findings$/, (query) => ({ body: findings(query) })],
  [/^\/findings\/([^/]+)$/, (_query, [id = '']) => finding(id)],
];

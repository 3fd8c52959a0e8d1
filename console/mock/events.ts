import type { Event } from '../src/api/types';

const START_MS = Date.parse('2025-10-27T00:00:00Z');
const END_MS = Date.parse('2025-11-24T00:00:00Z');
const COUNT = 24_000;

const ORGS = ['kaede-japan', 'kaede-us', 'kaede-emea', 'gitlab.kaede.example'];
const PEOPLE = ['aoi.tanaka', 'ren.suzuki', 'mei.sato', 'dana.cole', 'lena.vogt', 'omar.haddad'];
const OBJECTS = ['Case', 'Contact', 'Account', 'Opportunity', 'Lead', 'EmailMessage'];
const AGENTS = [
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36',
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 14_5) Safari/605.1.15',
  'tsumugi-connect/4.2 (+https://tsumugi.example)',
];

/** The session that the invented attacker used. */
export const STOLEN_SESSION = '9Gk+1rB/xQ0aZ3Ln';
/** The login that it belongs to. */
export const STOLEN_LOGIN = 'pL0x/aa+91TsumugiLOGIN';

/** Every invented event, by time. */
export const events: Event[] = make();

function make(): Event[] {
  const random = seeded(7);
  const all = Array.from({ length: COUNT }, (_, number) => normal(number, random));
  for (let number = 0; number < 600; number += 1) all.push(stolen(number, random));
  all.push({
    ...normal(1, random),
    event_uid: uid(COUNT + 9_999),
    time: null,
    message: 'row without a time',
  });
  all.push({
    ...normal(2, random),
    event_uid: uid(COUNT + 9_998),
    message: '<img src=x onerror=alert(1)> =HYPERLINK("http://203.0.113.9") \u001b[31mred',
    user_agent: '"><script>alert(1)</script>',
  });
  return all.sort(byTime);
}

/** Orders by time and identity; rows without a time come last. */
export function byTime(a: Event, b: Event): number {
  if (a.time === b.time) return a.event_uid < b.event_uid ? -1 : 1;
  if (a.time === null) return 1;
  if (b.time === null) return -1;
  return a.time < b.time ? -1 : 1;
}

function normal(number: number, random: () => number): Event {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  let ms = START_MS + Math.floor(random() * (END_MS - START_MS));
  const hour = new Date(ms).getUTCHours();
  // Nights are quiet, and one night of one org is lost altogether.
  if (hour > 12 && hour < 22 && random() < 0.75) ms -= 9 * 3_600_000;
  const org = pick(ORGS);
  const isGit = org.startsWith('gitlab');
  const isVendor = !isGit && random() < 0.35;
  const person = pick(PEOPLE);
  const table = isGit ? 'gitlab.audit_events' : isVendor ? 'salesforce.ApiEvent' : 'salesforce.UriEvent';
  return {
    ...blank(),
    event_uid: uid(number),
    time: stamp(Math.max(ms, START_MS), random),
    org,
    source: isGit ? 'gitlab-audit' : 'salesforce-event',
    table,
    kind: isGit ? 'audit_event' : isVendor ? 'ApiEvent' : 'UriEvent',
    action: isGit ? 'repository_git_operation' : isVendor ? 'Query' : 'Read',
    outcome: random() < 0.03 ? 'failure' : 'success',
    actor: isVendor ? 'tsumugi.integration@kaede.example' : `${person}@kaede.example`,
    actor_id: isVendor ? '005xx000001Tsumu' : `005xx00000${person.length}Aa`,
    src_ip: isVendor ? `192.0.2.${Math.floor(random() * 60)}` : `198.51.100.${Math.floor(random() * 250)}`,
    user_agent: isVendor ? (AGENTS[2] ?? null) : pick(AGENTS.slice(0, 2)),
    app: isVendor ? 'Tsumugi Connect' : null,
    login_key: isGit ? null : `lk/${person}+${Math.floor((ms - START_MS) / 86_400_000)}`,
    session_key: isGit ? null : `sk/${person}+${Math.floor((ms - START_MS) / 86_400_000)}`,
    object: isGit ? 'Project' : pick(OBJECTS),
    record_id: isGit ? null : `500xx${String(number).padStart(10, '0')}`,
    rows: isVendor ? Math.floor(random() * 200) : null,
    bytes: isVendor ? Math.floor(random() * 90_000) : null,
    duration_ms: Math.round(random() * 900) / 10,
    query: isVendor
      ? 'SELECT Id, Subject FROM Case WHERE LastModifiedDate > YESTERDAY'
      : '/lightning/r/Case/view',
    country: 'JP',
    ocsf_class_uid: 6003,
    ocsf_activity_id: 2,
    file: `${table}.csv.gz`,
    line: number + 2,
  };
}

function stolen(number: number, random: () => number): Event {
  const ms = Date.parse('2025-11-14T17:02:11Z') + number * 9_000;
  return {
    ...normal(number, random),
    event_uid: uid(COUNT + number),
    time: stamp(ms, random),
    org: 'kaede-japan',
    table: 'salesforce.ApiEvent',
    kind: 'ApiEvent',
    action: 'Query',
    outcome: 'success',
    actor: 'tsumugi.integration@kaede.example',
    src_ip: number % 5 === 0 ? '203.0.113.77' : '203.0.113.24',
    user_agent: 'python-requests/2.32.4',
    app: 'Tsumugi Connect',
    login_key: STOLEN_LOGIN,
    session_key: STOLEN_SESSION,
    session_level: 'STANDARD',
    object: number % 3 === 0 ? 'Contact' : 'Case',
    rows: 2_000,
    bytes: 1_800_000,
    query: `SELECT Id, Email, Phone FROM ${number % 3 === 0 ? 'Contact' : 'Case'} LIMIT 2000 OFFSET ${number}`,
    country: 'ZZ',
  };
}

function stamp(ms: number, random: () => number): string {
  const micros = String(Math.floor(random() * 1_000_000)).padStart(6, '0');
  return `${new Date(ms).toISOString().slice(0, 19)}.${micros}Z`;
}

function uid(number: number): string {
  return (BigInt(number + 1) * 0x9e3779b97f4a7c15f39cc0605cedc835n).toString(16).padStart(32, '0').slice(-32);
}

function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

function blank(): Event {
  return {
    event_uid: '',
    time: null,
    org: '',
    source: '',
    table: '',
    kind: null,
    action: null,
    outcome: null,
    actor: null,
    actor_id: null,
    src_ip: null,
    forwarded_ip: null,
    user_agent: null,
    app: null,
    app_id: null,
    token_id: null,
    login_key: null,
    session_key: null,
    session_level: null,
    object: null,
    record_id: null,
    target: null,
    rows: null,
    bytes: null,
    duration_ms: null,
    query: null,
    message: null,
    request_id: null,
    related_uid: null,
    country: null,
    ocsf_class_uid: null,
    ocsf_activity_id: null,
    file: '',
    line: 0,
  };
}

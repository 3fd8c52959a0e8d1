import type { Text } from '../i18n/texts';

/** A page of a collection. */
export interface Collection<T> {
  items: T[];
  next_cursor: string | null;
  updated_at: string;
}

/** What an endpoint says when it cannot answer. */
export interface Problem {
  type: string;
  title: Text;
  status: number;
  detail: Text;
  code: 'not_found' | 'bad_request' | 'bad_query' | 'no_store' | 'too_slow' | 'internal';
  hint: Text | null;
  at?: { start: number; end: number };
}

export type Verdict = 'hit' | 'clear' | 'inconclusive';
export type Level = 'critical' | 'high' | 'medium' | 'low' | 'informational';

export interface ListInfo {
  name: string;
  version: string | null;
  as_of: string | null;
  source: string | null;
  indicators: number;
}

export interface AllowListInfo {
  name: string;
  app: string;
  ranges: number;
}

export interface Status {
  version: string;
  is_demo: boolean;
  generation: string;
  updated_at: string;
  events: number;
  from: string | null;
  to: string | null;
  orgs: { org: string; events: number; from: string | null; to: string | null }[];
  lists: (ListInfo & { path: string | null })[];
  allow_lists: AllowListInfo[];
  rules: number;
  acts: { total: number; found: number; not_found: { id: string; name: Text; why: Text }[] } | null;
}

export interface Sheet {
  made_at: string;
  from: string | null;
  to: string | null;
  verdict: Verdict;
  lists: ListInfo[];
  allow_lists: AllowListInfo[];
  rules: number;
  orgs: OrgSheet[];
}

export interface OrgSheet {
  org: string;
  verdict: Verdict;
  because: ('indicator' | 'outside_allow_list')[];
  hits: number;
  weak_hits: number;
  outside_allow_list: number;
  events: number;
  from: string | null;
  to: string | null;
  findings: Record<Level, number>;
  actors: SheetActor[];
  actor_count: number;
  objects: SheetObject[];
  object_count: number;
  weak: SheetWeak[];
  unseen: SheetUnseen[];
  unseen_count: number;
  next: { code: string; text: Text }[];
}

export interface SheetActor {
  app: string | null;
  user: string | null;
  sessions: string[];
  session_count: number;
  addresses: string[];
  address_count: number;
  user_agents: string[];
  events: number;
  from: string | null;
  to: string | null;
  is_outside_allow_list: boolean;
  query: string;
}

export type TakenBy =
  | 'bulk_result_download'
  | 'report_export'
  | 'file_download'
  | 'git_clone'
  | 'object_download'
  | 'variable_read';

export interface SheetObject {
  object: string;
  accessed: number;
  returned_rows: number | null;
  returned_table: string | null;
  taken_events: number;
  taken_rows: number | null;
  taken_bytes: number | null;
  taken_by: TakenBy[];
  query: string;
}

export interface SheetWeak {
  indicator: string;
  kind: string;
  events: number;
  columns: string[];
}

export interface SheetUnseen {
  kind: 'gap' | 'blind' | 'no_data' | 'not_shown' | 'unusable' | 'capped';
  table: string | null;
  from: string | null;
  to: string | null;
  expected_events: number | null;
  text: Text;
  settle: { log: string; text: Text } | null;
}

export interface FindingGroup {
  id: string;
  source: 'rule' | 'indicator' | 'allow_list';
  rule_id: string;
  rule: string;
  author: string | null;
  level: Level;
  org: string;
  actor: string | null;
  session_key: string | null;
  src_ips: string[];
  table: string;
  events: number;
  from: string | null;
  to: string | null;
  tags: string[];
  act: { id: string; name: Text } | null;
  examples: string[];
  query: string;
}

export interface Finding extends FindingGroup {
  description: string | null;
  falsepositives: string[];
  references: string[];
}

export interface Event {
  event_uid: string;
  time: string | null;
  org: string | null;
  source: string | null;
  table: string | null;
  kind: string | null;
  action: string | null;
  outcome: string | null;
  actor: string | null;
  actor_id: string | null;
  src_ip: string | null;
  forwarded_ip: string | null;
  user_agent: string | null;
  app: string | null;
  app_id: string | null;
  token_id: string | null;
  login_key: string | null;
  session_key: string | null;
  session_level: string | null;
  object: string | null;
  record_id: string | null;
  target: string | null;
  rows: number | null;
  bytes: number | null;
  duration_ms: number | null;
  query: string | null;
  message: string | null;
  request_id: string | null;
  related_uid: string | null;
  country: string | null;
  ocsf_class_uid: number | null;
  ocsf_activity_id: number | null;
  file: string | null;
  line: number | null;
}

export interface EventPage extends Collection<Event> {
  took_ms: number;
}

export interface Histogram {
  from: string | null;
  to: string | null;
  bucket_ms: number;
  buckets: number[];
  total: number;
  undated: number;
  took_ms: number;
}

export interface Facet {
  field: string;
  values: { value: string; count: number }[];
  other: number;
  missing: number;
}

export interface Facets {
  facets: Facet[];
  total: number;
  took_ms: number;
}

export interface EventField {
  name: string;
  type: string;
  unit: string | null;
  meaning: Text;
  value: string | number | boolean | null;
  original: string | null;
}

export interface EventDetail {
  event: Event;
  table: { name: string; about: Text };
  fields: EventField[];
  extra: Record<string, unknown> | null;
}

export type SurroundingBy = 'session' | 'actor' | 'address' | 'org';

export interface Surrounding {
  by: SurroundingBy;
  before: Event[];
  event: Event;
  after: Event[];
}

export interface FieldInfo {
  name: string;
  meaning: Text;
}

export interface SessionRow {
  login_key: string | null;
  session_key: string;
  org: string;
  user: string | null;
  apps: string[];
  src_ips: string[];
  events: number;
  from: string | null;
  to: string | null;
  findings: number;
}

export interface TableInfo {
  table: string;
  kind: string;
  events: number;
  from: string | null;
  to: string | null;
  ages_out: string | null;
  retention_days: number | null;
  about: Text;
}

export interface TableColumns {
  table: string;
  about: Text;
  columns: { column: string; type: string; unit: string | null; meaning: Text; doubt: string[] }[];
}

import type { Event } from '../../api/types';

/** A column that the event table can show. */
export type ColumnName = keyof Event;

/** Every column with its width in pixels, in the order of the common table. The last shown one takes what is left. */
export const COLUMN_PX: Record<ColumnName, number> = {
  event_uid: 250,
  time: 180,
  org: 150,
  source: 130,
  table: 210,
  kind: 130,
  action: 130,
  outcome: 80,
  actor: 220,
  actor_id: 160,
  src_ip: 120,
  forwarded_ip: 130,
  user_agent: 220,
  app: 140,
  app_id: 160,
  token_id: 180,
  login_key: 170,
  session_key: 170,
  session_level: 100,
  object: 110,
  record_id: 150,
  target: 170,
  rows: 80,
  bytes: 90,
  duration_ms: 100,
  query: 360,
  message: 300,
  request_id: 200,
  related_uid: 200,
  country: 70,
  ocsf_class_uid: 110,
  ocsf_activity_id: 120,
  file: 220,
  line: 70,
};

/** Every column's name, in order. */
export const COLUMN_NAMES = Object.keys(COLUMN_PX) as ColumnName[];

/** What is shown where the address does not say. */
export const DEFAULT_COLUMNS: readonly ColumnName[] = [
  'time',
  'org',
  'table',
  'action',
  'actor',
  'src_ip',
  'app',
  'object',
  'rows',
  'query',
];

/** Columns of numbers, which stand right-aligned. */
export const NUMBER_COLUMNS: ReadonlySet<ColumnName> = new Set([
  'rows',
  'bytes',
  'duration_ms',
  'line',
  'ocsf_class_uid',
  'ocsf_activity_id',
]);

/** Columns of keys, addresses and commands, which are read letter by letter. */
export const MONO_COLUMNS: ReadonlySet<ColumnName> = new Set([
  'event_uid',
  'actor_id',
  'src_ip',
  'forwarded_ip',
  'app_id',
  'token_id',
  'login_key',
  'session_key',
  'record_id',
  'query',
  'request_id',
  'related_uid',
]);

/** Returns the columns of an address, each once; the default where none of them is one. */
export function readColumns(text: string | undefined): readonly ColumnName[] {
  const asked = (text ?? '').split(',').filter((name): name is ColumnName => Object.hasOwn(COLUMN_PX, name));
  return asked.length > 0 ? [...new Set(asked)] : DEFAULT_COLUMNS;
}

/** Returns the columns as an address carries them; undefined for the default. */
export function writeColumns(columns: readonly ColumnName[]): string | undefined {
  const text = columns.join(',');
  return text === '' || text === DEFAULT_COLUMNS.join(',') ? undefined : text;
}

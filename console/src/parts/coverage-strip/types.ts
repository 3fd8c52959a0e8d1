import type { Verdict } from '../../api/types';
import type { Text } from '../../i18n/texts';

/** A lost stretch of a table. */
export interface Gap {
  from: string;
  to: string;
  reason: 'missing_file' | 'silence' | 'no_data' | 'known_loss';
  expected_events?: number | null;
  probability?: number | null;
}

/** Something that a table cannot show. */
export interface Blind {
  reason:
    | 'field_absent'
    | 'column_empty'
    | 'blank_by_design'
    | 'coded_user_agent'
    | 'browser_name_only'
    | 'not_an_address'
    | 'not_a_host'
    | 'streamed_only_types'
    | 'not_recorded';
  kinds: string[];
  columns: string[];
  rows?: number | null;
  what?: string | null;
  when?: Text | null;
  decides: boolean;
}

/** What of one table of one org was searched. */
export interface TableCoverage {
  table: string;
  org: string;
  from: string | null;
  to: string | null;
  events: number;
  undated: number;
  gaps: Gap[];
  gap_count: number;
  quiet_hours: number;
  late?: { from: string; to: string } | null;
  blind: Blind[];
  is_capped: boolean;
  days: { day: string; events: number }[];
}

/** What of every org was searched. */
export interface Coverage {
  orgs: { org: string; verdict: Verdict; tables: TableCoverage[] }[];
  from: string | null;
  to: string | null;
}

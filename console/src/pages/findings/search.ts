import type { Level } from '../../api/types';
import { asOneOf, asText, asTexts, type RawSearch } from '../../app/search';

/** Severities, worst first. */
export const LEVELS = ['critical', 'high', 'medium', 'low', 'informational'] as const satisfies Level[];

/** The state of the findings page. */
export interface FindingsSearch {
  level?: Level[];
  org?: string[];
  rule_id?: string;
  /** The finding that is open in the flyout. */
  finding?: string;
}

/** Returns the search with everything left out that is no valid value. */
export function validateFindingsSearch(search: RawSearch): FindingsSearch {
  const levels = asTexts(search.level)
    ?.map((level) => asOneOf(level, LEVELS))
    .filter((level) => level !== undefined);
  return {
    level: levels !== undefined && levels.length > 0 ? levels : undefined,
    org: asTexts(search.org),
    rule_id: asText(search.rule_id),
    finding: asText(search.finding),
  };
}

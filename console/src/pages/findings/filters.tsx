import { useQuery } from '@tanstack/react-query';
import { statusQuery } from '../../api/queries';
import type { Level } from '../../api/types';
import { useTexts } from '../../i18n/lang';
import { Button } from '../../parts/button';
import { spelledOut } from '../../parts/escape';
import { Select } from '../../parts/field';
import { Severity } from '../../parts/severity';
import { type FindingsSearch, LEVELS } from './search';
import { findingsTexts } from './texts';

interface FiltersProps {
  search: FindingsSearch;
  onChange: (changed: FindingsSearch) => void;
}

/** Severity, org and rule; what is chosen stands in the address. */
export function Filters({ search, onChange }: FiltersProps) {
  const t = useTexts(findingsTexts);
  const { data: status } = useQuery(statusQuery);
  const levels = search.level ?? [];
  const toggle = (level: Level) => {
    const next = levels.includes(level) ? levels.filter((each) => each !== level) : [...levels, level];
    onChange({ level: next.length > 0 ? next : undefined });
  };
  return (
    <search className="filters" aria-label={t('filters')}>
      <fieldset className="filter-levels">
        <legend className="visually-hidden">{t('level')}</legend>
        {LEVELS.map((level) => (
          <Button key={level} aria-pressed={levels.includes(level)} onClick={() => toggle(level)}>
            <Severity level={level} />
          </Button>
        ))}
      </fieldset>
      <Select
        label={t('org')}
        isLabelHidden
        value={search.org?.[0] ?? ''}
        onChange={(event) => onChange({ org: event.target.value === '' ? undefined : [event.target.value] })}
      >
        <option value="">{t('everyOrg')}</option>
        {status?.orgs.map(({ org }) => (
          <option key={org} value={org}>
            {spelledOut(org)}
          </option>
        ))}
      </Select>
      {search.rule_id !== undefined && (
        <Button onClick={() => onChange({ rule_id: undefined })}>
          {t('only', { rule: spelledOut(search.rule_id) })} <span aria-hidden="true">×</span>
          <span className="visually-hidden">{t('clear')}</span>
        </Button>
      )}
    </search>
  );
}

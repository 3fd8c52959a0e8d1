import type { Ref } from 'react';
import type { Facet } from '../../api/types';
import { useNumbers, useTexts } from '../../i18n/lang';
import { Plain } from '../plain';
import { type Stance, stanceOf, toggle, togglePresence } from '../query-bar/terms';
import { facetsTexts } from './texts';
import './facets.css';

interface FacetsProps {
  facets: readonly Facet[];
  /** How many events the counts are of. */
  total: number;
  q: string;
  onChange: (q: string) => void;
  ref?: Ref<HTMLElement>;
}

/** The most frequent values of each field, with buttons that ask for them or ask them away. */
export function Facets({ facets, total, q, onChange, ref }: FacetsProps) {
  const t = useTexts(facetsTexts);
  return (
    <nav className="facets" aria-label={t('name')} ref={ref} tabIndex={-1}>
      {(total > 0 ? facets : []).map((facet) => (
        <details key={facet.field} className="facet" open>
          <summary className="facet-name">{facet.field}</summary>
          <ul>
            {facet.values.map(({ value, count }) => (
              <Row
                key={value}
                field={facet.field}
                value={value}
                count={count}
                share={count / Math.max(total, 1)}
                stance={stanceOf(q, facet.field, value)}
                onToggle={(stance) => onChange(toggle(q, facet.field, value, stance))}
              />
            ))}
            <Rest facet={facet} q={q} onChange={onChange} />
          </ul>
        </details>
      ))}
    </nav>
  );
}

function Row(props: {
  field: string;
  value: string;
  count: number;
  share: number;
  stance: Stance | null;
  onToggle: (stance: Stance) => void;
}) {
  const t = useTexts(facetsTexts);
  const { number } = useNumbers();
  const { field, value, count, share, stance, onToggle } = props;
  return (
    <li className="facet-row">
      <span className="facet-share" style={{ inlineSize: `${share * 100}%` }} />
      <span className="facet-value" title={value}>
        <Plain text={value} />
      </span>
      <span className="facet-count">{number(count)}</span>
      <StanceButton
        sign="+"
        name={t('include', { field, value })}
        isOn={stance === 'include'}
        onClick={() => onToggle('include')}
      />
      <StanceButton
        sign="−"
        name={t('exclude', { field, value })}
        isOn={stance === 'exclude'}
        onClick={() => onToggle('exclude')}
      />
    </li>
  );
}

/** What the listed values leave over, so that the counts add up. */
function Rest({ facet, q, onChange }: { facet: Facet; q: string; onChange: (q: string) => void }) {
  const t = useTexts(facetsTexts);
  const { number } = useNumbers();
  return (
    <>
      {facet.values.length === 0 && <li className="facet-row quiet">{t('none')}</li>}
      {facet.other > 0 && (
        <li className="facet-row quiet">
          <span className="facet-value">{t('other')}</span>
          <span className="facet-count">{number(facet.other)}</span>
        </li>
      )}
      {facet.missing > 0 && (
        <li className="facet-row quiet">
          <span className="facet-value">{t('missing')}</span>
          <span className="facet-count">{number(facet.missing)}</span>
          <StanceButton
            sign="+"
            name={t('include', { field: facet.field, value: t('missing') })}
            isOn={false}
            onClick={() => onChange(togglePresence(q, facet.field, 'exclude'))}
          />
          <StanceButton
            sign="−"
            name={t('exclude', { field: facet.field, value: t('missing') })}
            isOn={false}
            onClick={() => onChange(togglePresence(q, facet.field, 'include'))}
          />
        </li>
      )}
    </>
  );
}

/** A button that asks for a value or asks it away. */
export function StanceButton(props: { sign: '+' | '−'; name: string; isOn: boolean; onClick: () => void }) {
  return (
    <button
      type="button"
      className="stance"
      aria-label={props.name}
      title={props.name}
      aria-pressed={props.isOn}
      onClick={props.onClick}
    >
      {props.sign}
    </button>
  );
}

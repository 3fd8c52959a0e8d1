import { type FormEvent, type KeyboardEvent, type Ref, useEffect, useId, useMemo, useState } from 'react';
import { useTexts } from '../../i18n/lang';
import { Button } from '../button';
import {
  accept,
  type FieldName,
  type Spot,
  type Suggestion,
  spotAt,
  suggestFields,
  suggestValues,
} from './complete';
import { readHistory, remember } from './history';
import { indexOfByte } from './terms';
import { queryBarTexts } from './texts';
import './query-bar.css';

/** What is wrong with a query, and where. */
export interface QueryProblem {
  text: string;
  hint: string | null;
  /** Byte offsets in the query that was asked. */
  at: { start: number; end: number } | null;
}

interface QueryBarProps {
  /** The query that is shown now. */
  q: string;
  fields: readonly FieldName[];
  /** Returns the values of a field among the events of the rest of the query. */
  valuesOf: (
    field: string,
    prefix: string,
    rest: string,
  ) => Promise<readonly { value: string; count: number }[]>;
  problem: QueryProblem | null;
  onSearch: (q: string) => void;
  ref?: Ref<HTMLInputElement>;
}

/** Suggestions below this many characters of a value would only repeat the facets. */
const VALUE_DELAY_MS = 120;

/** The query bar: a combobox that completes fields and values, remembers queries and shows where one is wrong. */
export function QueryBar({ q, fields, valuesOf, problem, onSearch, ref }: QueryBarProps) {
  const t = useTexts(queryBarTexts);
  const id = useId();
  const [typed, setTyped] = useState(q);
  const [cursor, setCursor] = useState(q.length);
  const [isOpen, setOpen] = useState(false);
  const [active, setActive] = useState(-1);
  useEffect(() => {
    setTyped(q);
    setOpen(false);
  }, [q]);
  const options = useSuggestions(isOpen, typed, cursor, fields, valuesOf);
  const current = options[active];

  const submit = (event?: FormEvent) => {
    event?.preventDefault();
    setOpen(false);
    remember(storage(), typed);
    onSearch(typed.trim());
  };
  const pick = (option: Suggestion) => {
    const next = accept(typed, option);
    setTyped(next.q);
    setCursor(next.cursor);
    setActive(-1);
    const input = document.getElementById(id) as HTMLInputElement | null;
    // The value is set by React after this; the cursor can follow only then.
    requestAnimationFrame(() => input?.setSelectionRange(next.cursor, next.cursor));
    if (option.kind === 'history') setOpen(false);
  };
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      if (!isOpen) setOpen(true);
      else setActive(step(active, options.length, event.key === 'ArrowDown' ? 1 : -1));
    } else if ((event.key === 'Enter' || event.key === 'Tab') && isOpen && current !== undefined) {
      event.preventDefault();
      pick(current);
    } else if (event.key === 'Escape') {
      event.preventDefault();
      if (isOpen && options.length > 0) setOpen(false);
      else event.currentTarget.blur();
    }
  };

  return (
    // biome-ignore lint/a11y/useSemanticElements: the search element is not yet known to all readers
    <form className="query-bar" role="search" onSubmit={submit}>
      <label htmlFor={id} className="visually-hidden">
        {t('label')}
      </label>
      <div className="query-bar-field">
        <input
          ref={ref}
          id={id}
          className="query-bar-input"
          role="combobox"
          autoComplete="off"
          autoCapitalize="off"
          spellCheck={false}
          enterKeyHint="search"
          placeholder={t('placeholder')}
          value={typed}
          aria-autocomplete="list"
          aria-haspopup="listbox"
          aria-expanded={options.length > 0}
          aria-controls={`${id}-options`}
          aria-activedescendant={current && `${id}-${active}`}
          aria-invalid={problem !== null}
          aria-describedby={problem ? `${id}-problem` : undefined}
          onChange={(event) => {
            setTyped(event.target.value);
            setCursor(event.target.selectionStart ?? event.target.value.length);
            setActive(-1);
            setOpen(true);
          }}
          onSelect={(event) => setCursor(event.currentTarget.selectionStart ?? 0)}
          onClick={() => typed === '' && setOpen(true)}
          onBlur={() => setOpen(false)}
          onKeyDown={onKeyDown}
        />
        <Options id={id} options={options} active={active} onPick={pick} />
      </div>
      {typed !== '' && (
        <Button
          kind="plain"
          className="query-bar-clear"
          aria-label={t('clear')}
          onClick={() => {
            setTyped('');
            onSearch('');
          }}
        >
          ×
        </Button>
      )}
      <Button kind="main" type="submit">
        {t('run')}
      </Button>
      {problem && <Problem id={`${id}-problem`} q={q} problem={problem} />}
    </form>
  );
}

function Options(props: {
  id: string;
  options: readonly Suggestion[];
  active: number;
  onPick: (option: Suggestion) => void;
}) {
  const t = useTexts(queryBarTexts);
  const { id, options, active, onPick } = props;
  return (
    <div
      id={`${id}-options`}
      role="listbox"
      aria-label={t('suggestions')}
      className="query-bar-options"
      hidden={options.length === 0}
    >
      {options.map((option, index) => (
        // biome-ignore lint/a11y/useKeyWithClickEvents: the field has the keyboard
        // biome-ignore lint/a11y/useFocusableInteractive: the field keeps the focus
        <div
          key={`${option.kind}/${option.label}`}
          id={`${id}-${index}`}
          role="option"
          aria-selected={index === active}
          className="query-bar-option"
          onMouseDown={(event) => event.preventDefault()}
          onClick={() => onPick(option)}
        >
          <span className="query-bar-word">{option.label}</span>
          <span className="query-bar-note">{option.note}</span>
        </div>
      ))}
    </div>
  );
}

/** Shows the query again with the place marked that is not understood. */
function Problem({ id, q, problem }: { id: string; q: string; problem: QueryProblem }) {
  const start = problem.at ? indexOfByte(q, problem.at.start) : 0;
  const end = problem.at ? Math.max(indexOfByte(q, problem.at.end), start) : 0;
  return (
    <div id={id} className="query-bar-problem" role="alert">
      <p>
        <strong>{problem.text}</strong>
        {problem.hint !== null && <span> {problem.hint}</span>}
      </p>
      {problem.at && (
        <p className="mono query-bar-place">
          {q.slice(0, start)}
          <mark>{q.slice(start, end) || ' '}</mark>
          {q.slice(end)}
        </p>
      )}
    </div>
  );
}

function useSuggestions(
  isOpen: boolean,
  typed: string,
  cursor: number,
  fields: readonly FieldName[],
  valuesOf: QueryBarProps['valuesOf'],
): Suggestion[] {
  const t = useTexts(queryBarTexts);
  const spot = useMemo(() => spotAt(typed, cursor), [typed, cursor]);
  const values = useValues(isOpen ? spot : null, valuesOf);
  if (!isOpen) return [];
  if (typed.trim() === '') {
    return readHistory(storage()).map((entry) => ({
      kind: 'history',
      label: entry,
      note: t('history'),
      insert: entry,
      start: 0,
      end: typed.length,
    }));
  }
  if (spot?.kind === 'field') return spot.prefix === '' ? [] : suggestFields(spot, fields);
  if (spot?.kind !== 'value') return [];
  return suggestValues(
    spot,
    values.map(({ value, count }) => ({ value, note: t('count', { n: count }) })),
  );
}

function useValues(spot: Spot | null, valuesOf: QueryBarProps['valuesOf']) {
  const [values, setValues] = useState<readonly { value: string; count: number }[]>([]);
  const asked = spot?.kind === 'value' ? spot : null;
  const { field = '', prefix = '', rest = '' } = asked ?? {};
  const isAsked = asked !== null;
  useEffect(() => {
    setValues([]);
    if (!isAsked) return;
    let isCurrent = true;
    const timer = setTimeout(() => {
      valuesOf(field, prefix, rest).then(
        (found) => isCurrent && setValues(found),
        // Without suggestions one types on; the search itself says what is wrong.
        () => undefined,
      );
    }, VALUE_DELAY_MS);
    return () => {
      isCurrent = false;
      clearTimeout(timer);
    };
  }, [isAsked, field, prefix, rest, valuesOf]);
  return values;
}

/** Returns the next option; behind the last and before the first stands none, which is the typed text itself. */
function step(active: number, count: number, move: 1 | -1): number {
  const next = active + move;
  if (next >= count) return -1;
  return next < -1 ? count - 1 : next;
}

function storage(): Storage | null {
  try {
    return localStorage;
  } catch {
    return null;
  }
}

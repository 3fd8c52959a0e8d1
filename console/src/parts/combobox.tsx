import { type KeyboardEvent, useId, useState } from 'react';
import './combobox.css';

/** What a combobox offers. */
export interface Option {
  id: string;
  label: string;
}

interface ComboboxProps<T extends Option> {
  label: string;
  isLabelHidden?: boolean;
  placeholder?: string;
  /** Shows the options before anything is typed. */
  isAlwaysOpen?: boolean;
  /** Returns what to offer for what was typed. */
  optionsFor: (typed: string) => T[];
  onPick: (option: T) => void;
}

/** A text field with options below it: arrows go through them, Enter picks, Esc closes. */
export function Combobox<T extends Option>(props: ComboboxProps<T>) {
  const { label, isLabelHidden = false, isAlwaysOpen = false, placeholder, optionsFor, onPick } = props;
  const id = useId();
  const [typed, setTyped] = useState('');
  const [active, setActive] = useState(0);
  const [isOpen, setOpen] = useState(isAlwaysOpen);
  const options = isOpen || isAlwaysOpen ? optionsFor(typed) : [];
  const current = options[Math.min(active, options.length - 1)];

  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    if (event.nativeEvent.isComposing) return;
    const move = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (move !== 0) {
      event.preventDefault();
      setOpen(true);
      if (options.length > 0) setActive((active + move + options.length) % options.length);
    } else if (event.key === 'Enter' && current !== undefined) {
      event.preventDefault();
      pick(current);
    } else if (event.key === 'Escape' && isOpen && !isAlwaysOpen) {
      event.preventDefault();
      setOpen(false);
    }
  };
  const pick = (option: T) => {
    setTyped('');
    setOpen(false);
    onPick(option);
  };

  return (
    <div className="combobox">
      <label htmlFor={id} className={isLabelHidden ? 'visually-hidden' : 'field-label'}>
        {label}
      </label>
      <input
        id={id}
        className="field-input"
        role="combobox"
        autoComplete="off"
        spellCheck={false}
        placeholder={placeholder}
        value={typed}
        aria-autocomplete="list"
        aria-expanded={options.length > 0}
        aria-controls={`${id}-options`}
        aria-activedescendant={current && `${id}-${current.id}`}
        onChange={(event) => {
          setTyped(event.target.value);
          setActive(0);
          setOpen(true);
        }}
        onBlur={() => setOpen(false)}
        onKeyDown={onKeyDown}
      />
      <div
        id={`${id}-options`}
        role="listbox"
        aria-label={label}
        className={isAlwaysOpen ? 'options' : 'options options-over'}
        hidden={options.length === 0}
      >
        {options.map((option) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the field has the keyboard
          // biome-ignore lint/a11y/useFocusableInteractive: the field keeps the focus
          <div
            key={option.id}
            id={`${id}-${option.id}`}
            role="option"
            aria-selected={option === current}
            className="option"
            onMouseDown={(event) => event.preventDefault()}
            onClick={() => pick(option)}
          >
            {option.label}
          </div>
        ))}
      </div>
    </div>
  );
}

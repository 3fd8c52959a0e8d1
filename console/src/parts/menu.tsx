import {
  type FocusEvent,
  type KeyboardEvent,
  type ReactNode,
  useEffect,
  useId,
  useRef,
  useState,
} from 'react';
import { Button, type ButtonKind } from './button';
import './menu.css';

/** One line of a menu. */
export interface MenuItem {
  id: string;
  name: ReactNode;
  /** Given for choices of one: whether this is the current one. */
  isCurrent?: boolean;
  onPick: () => void;
}

interface MenuProps {
  /** What the button shows, and its name where that is not enough. */
  button: ReactNode;
  name?: string;
  kind?: ButtonKind;
  items: readonly MenuItem[];
}

/** A button that opens a list of commands or choices. */
export function Menu({ button, name, kind = 'plain', items }: MenuProps) {
  const [isOpen, setOpen] = useState(false);
  const id = useId();
  const place = useRef<HTMLDivElement>(null);
  const opener = useRef<HTMLButtonElement>(null);

  useEffect(() => {
    if (!isOpen) return;
    const entries = entriesOf(place.current);
    (entries.find((entry) => entry.ariaChecked === 'true') ?? entries[0])?.focus();
  }, [isOpen]);

  const close = () => {
    setOpen(false);
    opener.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (!isOpen) return;
    const move = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (move !== undefined) moveFocus(place.current, move);
    else if (event.key === 'Escape') close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const onBlur = (event: FocusEvent) => {
    if (!event.currentTarget.contains(event.relatedTarget)) setOpen(false);
  };

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it only listens for keys of the menu inside
    <div className="menu" ref={place} onKeyDown={onKeyDown} onBlur={onBlur}>
      <Button
        ref={opener}
        kind={kind}
        aria-haspopup="menu"
        aria-expanded={isOpen}
        aria-controls={id}
        aria-label={name}
        onClick={() => setOpen(!isOpen)}
      >
        {button}
        <svg className="menu-caret" viewBox="0 0 8 5" aria-hidden="true" focusable="false">
          <path d="M0.5 0.5L4 4l3.5-3.5" fill="none" stroke="currentcolor" />
        </svg>
      </Button>
      <div id={id} role="menu" aria-label={name} className="menu-list" hidden={!isOpen}>
        {items.map((item) => (
          // biome-ignore lint/a11y/useAriaPropsSupportedByRole: aria-checked is given to menuitemradio alone
          <button
            key={item.id}
            type="button"
            role={item.isCurrent === undefined ? 'menuitem' : 'menuitemradio'}
            aria-checked={item.isCurrent}
            tabIndex={-1}
            className="menu-item"
            onClick={() => {
              close();
              item.onPick();
            }}
          >
            {item.name}
          </button>
        ))}
      </div>
    </div>
  );
}

function moveFocus(place: HTMLElement | null, move: number): void {
  const entries = entriesOf(place);
  const index = entries.indexOf(document.activeElement as HTMLElement);
  entries[(index + move + entries.length) % entries.length]?.focus();
}

function entriesOf(place: HTMLElement | null): HTMLElement[] {
  return [...(place?.querySelectorAll<HTMLElement>('.menu-item') ?? [])];
}

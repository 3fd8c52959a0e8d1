import { type FocusEvent, type KeyboardEvent, type ReactNode, useRef, useState } from 'react';
import { Button, type ButtonKind } from './button';
import './panel.css';

interface PanelProps {
  /** What the button shows, and its name where that is not enough. */
  button: ReactNode;
  name: string;
  kind?: ButtonKind;
  className?: string;
  children: (close: () => void) => ReactNode;
}

/** A button with a panel below it, which stays open while the focus is inside; Esc closes it. */
export function Panel({ button, name, kind = 'plain', className = '', children }: PanelProps) {
  const [isOpen, setOpen] = useState(false);
  const opener = useRef<HTMLButtonElement>(null);
  const close = () => {
    setOpen(false);
    opener.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Escape' || !isOpen) return;
    event.preventDefault();
    close();
  };
  const onBlur = (event: FocusEvent) => {
    if (!event.currentTarget.contains(event.relatedTarget)) setOpen(false);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it only listens for Esc and for the focus leaving
    <div className={`panel ${className}`} onKeyDown={onKeyDown} onBlur={onBlur}>
      <Button
        ref={opener}
        kind={kind}
        aria-expanded={isOpen}
        aria-label={name}
        onClick={() => setOpen(!isOpen)}
      >
        {button}
        <svg className="menu-caret" viewBox="0 0 8 5" aria-hidden="true" focusable="false">
          <path d="M0.5 0.5L4 4l3.5-3.5" fill="none" stroke="currentcolor" />
        </svg>
      </Button>
      {isOpen && (
        // It takes the focus of a click beside its fields, which would else count as leaving.
        <section className="panel-body" tabIndex={-1} aria-label={name}>
          {children(close)}
        </section>
      )}
    </div>
  );
}

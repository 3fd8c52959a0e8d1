import { type ReactNode, useEffect, useId, useRef } from 'react';
import { useKeys } from '../app/keys';
import { shellTexts } from '../app/texts';
import { useTexts } from '../i18n/lang';
import { Button } from './button';
import './flyout.css';

interface FlyoutProps {
  title: ReactNode;
  onClose: () => void;
  /** What can be done with the thing shown, beside the title. */
  actions?: ReactNode;
  children: ReactNode;
}

/**
 * A sheet over the right side of the page about the selected row. The list stays in use beside it; Esc closes
 * it and gives the focus back.
 */
export function Flyout({ title, onClose, actions, children }: FlyoutProps) {
  const t = useTexts(shellTexts);
  const titleId = useId();
  const heading = useRef<HTMLHeadingElement>(null);
  useKeys([{ keys: 'Escape', does: t('close'), run: onClose }]);
  useEffect(() => {
    const before = document.activeElement;
    heading.current?.focus({ preventScroll: true });
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
    };
  }, []);
  return (
    <aside className="flyout" aria-labelledby={titleId}>
      <header className="flyout-head">
        <h2 id={titleId} ref={heading} tabIndex={-1}>
          {title}
        </h2>
        <div className="flyout-actions">
          {actions}
          <Button kind="plain" onClick={onClose}>
            {t('close')}
          </Button>
        </div>
      </header>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable, also where it holds only text */}
      <div className="flyout-body" tabIndex={0}>
        {children}
      </div>
    </aside>
  );
}

import { type ReactNode, useEffect, useId, useRef } from 'react';
import { shellTexts } from '../app/texts';
import { useTexts } from '../i18n/lang';
import { Button } from './button';
import './dialog.css';

interface DialogProps {
  title: string;
  onClose: () => void;
  children: ReactNode;
  /** Keeps the title for screen readers alone. */
  isTitleHidden?: boolean;
}

/** A modal dialog: the browser keeps the focus inside, closes it on Esc and gives the focus back. */
export function Dialog({ title, onClose, children, isTitleHidden = false }: DialogProps) {
  const t = useTexts(shellTexts);
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  useEffect(() => {
    const element = dialog.current;
    element?.showModal();
    return () => element?.close();
  }, []);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Esc closes it; the click is on the backdrop
    <dialog
      ref={dialog}
      className="dialog"
      aria-labelledby={titleId}
      // The event comes late: by then the dialog may be open again (React runs effects twice in development).
      onClose={() => dialog.current?.open === false && onClose()}
      onClick={(event) => event.target === dialog.current && onClose()}
    >
      <div className="dialog-body">
        <header className={isTitleHidden ? 'visually-hidden' : 'dialog-head'}>
          <h2 id={titleId}>{title}</h2>
          {!isTitleHidden && (
            <Button kind="plain" onClick={onClose}>
              {t('close')}
            </Button>
          )}
        </header>
        {children}
      </div>
    </dialog>
  );
}

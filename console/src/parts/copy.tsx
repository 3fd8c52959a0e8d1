import { useEffect, useState } from 'react';
import { shellTexts } from '../app/texts';
import { useTexts } from '../i18n/lang';
import { Button } from './button';
import './copy.css';

const SHOWN_MS = 1500;

/** Copies a value as it is, hidden characters and all, and says so. */
export function Copy({ value, what }: { value: string; what: string }) {
  const t = useTexts(shellTexts);
  const [isCopied, setCopied] = useState(false);
  useEffect(() => {
    if (!isCopied) return;
    const timer = setTimeout(() => setCopied(false), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [isCopied]);
  const copy = () => {
    void navigator.clipboard.writeText(value).then(() => setCopied(true));
  };
  return (
    <Button
      kind="plain"
      className="copy"
      onClick={copy}
      aria-label={`${t('copy')}: ${what}`}
      title={t('copy')}
    >
      <svg viewBox="0 0 12 12" aria-hidden="true" focusable="false">
        {isCopied ? (
          <path d="M1.5 6.5l3 3 6-7" fill="none" stroke="currentcolor" strokeWidth="1.6" />
        ) : (
          <path d="M4.5 3.5v-2h6v7h-2M1.5 3.5h6v7h-6z" fill="none" stroke="currentcolor" />
        )}
      </svg>
      <span className="visually-hidden" role="status">
        {isCopied ? t('copied') : ''}
      </span>
    </Button>
  );
}

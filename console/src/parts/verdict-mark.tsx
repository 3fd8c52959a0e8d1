import type { Verdict } from '../api/types';
import { useLang } from '../i18n/lang';
import './verdict-mark.css';

/** What the English word of the answer means, for readers of Japanese. */
const GLOSS: Record<Verdict, string> = { hit: '一致あり', clear: '一致なし', inconclusive: '判断できません' };

/**
 * Shows a verdict by its word and its shape: a struck seal for a hit, a ring for clear, an open triangle for
 * inconclusive, as marks on Japanese forms are read.
 */
export function VerdictMark({ verdict, size = 'row' }: { verdict: Verdict; size?: 'row' | 'large' }) {
  const lang = useLang();
  return (
    <span className={`verdict verdict-${verdict} verdict-${size}`}>
      <VerdictShape verdict={verdict} />
      <span className="verdict-words">
        <span className="verdict-word">{verdict}</span>
        {lang === 'ja' && <span className="verdict-gloss">{GLOSS[verdict]}</span>}
      </span>
    </span>
  );
}

function VerdictShape({ verdict }: { verdict: Verdict }) {
  return (
    <svg className="verdict-shape" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      {verdict === 'hit' && (
        <>
          <rect x="0.5" y="0.5" width="15" height="15" fill="var(--shu-fill)" />
          <path d="M4.2 4.2l7.6 7.6M11.8 4.2l-7.6 7.6" stroke="var(--on-shu)" strokeWidth="2.2" />
        </>
      )}
      {verdict === 'clear' && (
        <circle cx="8" cy="8" r="6.2" fill="none" stroke="currentcolor" strokeWidth="2.2" />
      )}
      {verdict === 'inconclusive' && (
        <path
          d="M8 2.4L14.4 14H1.6z"
          fill="none"
          stroke="currentcolor"
          strokeWidth="2"
          strokeLinejoin="miter"
        />
      )}
    </svg>
  );
}

import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useNumbers, useTexts } from '../../i18n/lang';
import { verdictTexts } from './texts';

/** A figure that leads to the events behind it. */
export function EventsFigure({ value, q, org }: { value: number; q?: string; org: string }) {
  const { number } = useNumbers();
  if (value === 0) return <>{number(0)}</>;
  return (
    <Link to="/events" search={{ q, org: [org] }}>
      {number(value)}
    </Link>
  );
}

/** A figure that may not be known, which is never zero. */
export function Figure({
  value,
  children,
}: {
  value: number | null;
  children?: (value: number) => ReactNode;
}) {
  const t = useTexts(verdictTexts);
  const { number } = useNumbers();
  if (value === null) return <span className="quiet">{t('unknown')}</span>;
  return <>{children === undefined ? number(value) : children(value)}</>;
}

interface FormRowProps {
  label: string;
  /** How much there is beyond what is shown. */
  more?: ReactNode;
  isPrinted?: boolean;
  children: ReactNode;
}

/** One line of the form: what it is about, and what is known of it. */
export function FormRow({ label, more, isPrinted = true, children }: FormRowProps) {
  return (
    <div className={isPrinted ? 'form-row' : 'form-row screen-only'}>
      <div className="form-label">
        <h3>{label}</h3>
        {more}
      </div>
      <div className="form-value">{children}</div>
    </div>
  );
}

/** Says how much there is beyond what is shown, on screen and on paper. */
export function More({ shown, printed, count }: { shown: number; printed: number; count: number }) {
  const t = useTexts(verdictTexts);
  return (
    <>
      {count > shown && <span className="quiet nowrap screen-only">{t('more', { n: count - shown })}</span>}
      {count > printed && (
        <span className="quiet nowrap print-only">{t('more', { n: count - printed })}</span>
      )}
    </>
  );
}

/** The columns of a form's table: their widths in percent, 0 for the one that takes the rest. */
export function Columns({ widths }: { widths: readonly number[] }) {
  return (
    <colgroup>
      {widths.map((width, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: columns never change order
        <col key={index} className={width === 0 ? undefined : `col-${width}`} />
      ))}
    </colgroup>
  );
}

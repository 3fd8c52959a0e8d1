import { type ErrorComponentProps, Link, useLocation } from '@tanstack/react-router';
import { useTexts } from '../i18n/lang';
import { ErrorState, Notice } from '../parts/states';
import { shellTexts } from './texts';

/** Says that an address leads nowhere, and where to go instead. */
export function NotFound() {
  const t = useTexts(shellTexts);
  const path = useLocation({ select: (location) => location.pathname });
  return (
    <Notice isPage title={t('notFound')} why={t('notFoundWhy', { path })}>
      <Link to="/">{t('toVerdict')}</Link>
    </Notice>
  );
}

/** Says why a page cannot be shown. */
export function PageError({ error, reset }: ErrorComponentProps) {
  return <ErrorState isPage error={error} onRetry={reset} />;
}

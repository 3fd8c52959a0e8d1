import type { ReactNode } from 'react';
import { ApiError } from '../api/client';
import { shellTexts } from '../app/texts';
import { usePick, useTexts } from '../i18n/lang';
import { Button } from './button';
import { Prose } from './prose';
import './states.css';

interface NoticeProps {
  title: string;
  why?: string;
  /** It is all that the page has, so that its title is the page's. */
  isPage?: boolean;
  children?: ReactNode;
}

/** Says why there is nothing to see, and offers the next click as its children. */
export function Notice({ title, why, isPage = false, children }: NoticeProps) {
  const Title = isPage ? 'h1' : 'p';
  return (
    <div className="notice" role="status">
      <Title className="notice-title">{title}</Title>
      {why !== undefined && (
        <p className="notice-why">
          <Prose text={why} />
        </p>
      )}
      {children !== undefined && <div className="notice-next">{children}</div>}
    </div>
  );
}

interface ErrorStateProps {
  error: unknown;
  onRetry?: () => void;
  /** It is all that the page has, so that its title is the page's. */
  isPage?: boolean;
}

/** Says what could not be done and why, with a hint where the server has one, and offers to try again. */
export function ErrorState({ error, onRetry, isPage = false }: ErrorStateProps) {
  const Title = isPage ? 'h1' : 'p';
  const t = useTexts(shellTexts);
  const pick = usePick();
  const problem = error instanceof ApiError ? error.problem : null;
  return (
    <div className="notice notice-error" role="alert">
      <Title className="notice-title">{problem ? <Prose text={pick(problem.detail)} /> : t('broken')}</Title>
      {problem === null && <p className="notice-why mono">{messageOf(error)}</p>}
      {problem?.hint != null && (
        <p className="notice-why">
          <Prose text={pick(problem.hint)} />
        </p>
      )}
      {onRetry !== undefined && (
        <div className="notice-next">
          <Button onClick={onRetry}>{t('retry')}</Button>
        </div>
      )}
    </div>
  );
}

/** Says that something is being read; still, so that nothing flickers for short waits. */
export function Loading() {
  const t = useTexts(shellTexts);
  return (
    <p className="loading" role="status">
      {t('loading')}
    </p>
  );
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

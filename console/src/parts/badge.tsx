import type { ReactNode } from 'react';
import './badge.css';

/** A short word in a frame: `solid` counts, `dashed` doubts, `outline` names. */
export function Badge({
  kind = 'outline',
  children,
}: {
  kind?: 'outline' | 'dashed' | 'solid';
  children: ReactNode;
}) {
  return <span className={`badge badge-${kind}`}>{children}</span>;
}

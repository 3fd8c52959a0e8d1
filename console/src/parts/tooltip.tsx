import { type ReactNode, useId, useState } from 'react';
import './tooltip.css';

/** More about its children, shown on hover and on focus; Esc hides it. */
export function Tooltip({ text, children }: { text: ReactNode; children: ReactNode }) {
  const id = useId();
  const [isHidden, setHidden] = useState(false);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: Esc must hide the text wherever the focus is inside
    <span
      className={isHidden ? 'tooltip tooltip-hidden' : 'tooltip'}
      onKeyDown={(event) => event.key === 'Escape' && setHidden(true)}
      onPointerEnter={() => setHidden(false)}
      onFocus={() => setHidden(false)}
    >
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: the text must be reachable without a mouse */}
      <span className="tooltip-of" aria-describedby={id} tabIndex={0}>
        {children}
      </span>
      <span role="tooltip" id={id} className="tooltip-text">
        {text}
      </span>
    </span>
  );
}

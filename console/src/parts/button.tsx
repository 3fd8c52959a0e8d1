import type { ButtonHTMLAttributes, Ref } from 'react';
import './button.css';

/** How much a button asks for: `plain` stands in rows and bars, `main` is the one next step. */
export type ButtonKind = 'outline' | 'plain' | 'main';

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  kind?: ButtonKind;
  ref?: Ref<HTMLButtonElement>;
}

/** A button. */
export function Button({ kind = 'outline', className = '', type = 'button', ...rest }: ButtonProps) {
  return <button type={type} className={`button button-${kind} ${className}`} {...rest} />;
}

import { type InputHTMLAttributes, type ReactNode, type Ref, type SelectHTMLAttributes, useId } from 'react';
import './field.css';

interface TextFieldProps extends InputHTMLAttributes<HTMLInputElement> {
  label: string;
  isLabelHidden?: boolean;
  /** Says what is wrong with the value; the field is then marked as invalid. */
  problem?: string | undefined;
  ref?: Ref<HTMLInputElement>;
}

/** A line of text with its label, and what is wrong with it below. */
export function TextField({
  label,
  isLabelHidden = false,
  problem,
  className = '',
  ...rest
}: TextFieldProps) {
  const id = useId();
  return (
    <div className={`field ${className}`}>
      <label htmlFor={id} className={isLabelHidden ? 'visually-hidden' : 'field-label'}>
        {label}
      </label>
      <input
        id={id}
        className="field-input"
        aria-invalid={problem !== undefined}
        aria-describedby={problem === undefined ? undefined : `${id}-problem`}
        {...rest}
      />
      {problem !== undefined && (
        <p id={`${id}-problem`} className="field-problem">
          {problem}
        </p>
      )}
    </div>
  );
}

interface SelectProps extends SelectHTMLAttributes<HTMLSelectElement> {
  label: string;
  isLabelHidden?: boolean;
  children: ReactNode;
}

/** A choice of one; the browser's own list, which every keyboard and reader knows. */
export function Select({ label, isLabelHidden = false, children, className = '', ...rest }: SelectProps) {
  const id = useId();
  return (
    <div className={`field ${className}`}>
      <label htmlFor={id} className={isLabelHidden ? 'visually-hidden' : 'field-label'}>
        {label}
      </label>
      <select id={id} className="field-input field-select" {...rest}>
        {children}
      </select>
    </div>
  );
}

import { Fragment } from 'react';

/** Shows a sentence of ours; what stands between backticks is a command or name, set as such. */
export function Prose({ text }: { text: string }) {
  return text.split('`').map((part, index) => {
    const isCode = index % 2 === 1;
    // biome-ignore lint/suspicious/noArrayIndexKey: the parts of one sentence never change order
    return isCode ? <code key={index}>{part}</code> : <Fragment key={index}>{part}</Fragment>;
  });
}

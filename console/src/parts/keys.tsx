import './keys.css';

const NAMES: Record<string, string> = { Escape: 'Esc', ArrowDown: '↓', ArrowUp: '↑' };

/** Shows a key, a chord or a sequence as key caps. */
export function Keys({ keys }: { keys: string }) {
  const caps = keys.split(/[ ]|(?<=ctrl)\+/);
  return (
    <span className="keys">
      {caps.map((cap, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the caps of one binding never change order
        <kbd key={index}>{cap === 'ctrl' ? 'Ctrl' : (NAMES[cap] ?? cap)}</kbd>
      ))}
    </span>
  );
}

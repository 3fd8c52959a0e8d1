import type { Level } from '../api/types';
import './severity.css';

const BARS: Record<Level, number> = { critical: 4, high: 3, medium: 2, low: 1, informational: 0 };

/** Shows a severity by its word, the number of bars, and how much ink it gets. */
export function Severity({ level }: { level: Level }) {
  return (
    <span className={`severity severity-${level}`}>
      <svg className="severity-bars" viewBox="0 0 15 10" aria-hidden="true" focusable="false">
        {[0, 1, 2, 3].map((bar) => {
          const height = 4 + bar * 2;
          const isFull = bar < BARS[level];
          return (
            <rect
              key={bar}
              x={bar * 4}
              y={isFull ? 10 - height : 9}
              width="3"
              height={isFull ? height : 1}
              fill="currentcolor"
            />
          );
        })}
      </svg>
      {level}
    </span>
  );
}

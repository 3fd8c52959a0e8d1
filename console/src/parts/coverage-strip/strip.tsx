import { useId } from 'react';
import { useTexts } from '../../i18n/lang';
import { coverageStripTexts } from './texts';
import type { TableCoverage } from './types';
import './strip.css';

const DAY_MS = 86_400_000;

interface StripProps {
  table: TableCoverage;
  fromMs: number;
  toMs: number;
}

/** The days of a table: bars for events, hatching over losses, dots where data may still arrive. */
export function CoverageStrip({ table, fromMs, toMs }: StripProps) {
  const t = useTexts(coverageStripTexts);
  const id = useId();
  const counts = new Map(table.days.map(({ day, events }) => [day, events]));
  const most = Math.max(1, ...counts.values());
  const place = (start: number, end: number) => {
    const left = Math.max(start, fromMs);
    return {
      x: `${(100 * (left - fromMs)) / (toMs - fromMs)}%`,
      width: `${(100 * Math.max(0, Math.min(end, toMs) - left)) / (toMs - fromMs)}%`,
    };
  };
  const name = t('strip', { n: table.events, days: t('days', { n: table.days.length }) });
  return (
    <svg className="strip" role="img" aria-label={name}>
      <defs>
        <Patterns id={id} />
      </defs>
      {daysOf(fromMs, toMs).map((start) => {
        const day = new Date(start).toISOString().slice(0, 10);
        const events = counts.get(day) ?? 0;
        // The root keeps thin days visible beside thick ones.
        const height = events === 0 ? 0 : Math.max(8, 100 * Math.sqrt(events / most));
        return (
          <g key={day}>
            <title>{`${day} UTC: ${events}`}</title>
            <rect {...place(start, start + DAY_MS)} y="0" height="100%" fill="transparent" />
            {events === 0 ? (
              <rect className="strip-none" {...place(start, start + DAY_MS * 0.8)} y="92%" height="8%" />
            ) : (
              <rect
                className="strip-events"
                {...place(start, start + DAY_MS * 0.86)}
                y={`${100 - height}%`}
                height={`${height}%`}
              />
            )}
          </g>
        );
      })}
      {table.late && (
        <rect
          {...place(Date.parse(table.late.from), Date.parse(table.late.to))}
          y="0"
          height="100%"
          fill={`url(#${id}-dots)`}
        />
      )}
      {table.gaps.map((gap) => (
        <rect
          key={gap.from}
          className="strip-gap"
          {...place(Date.parse(gap.from), Math.max(Date.parse(gap.to), Date.parse(gap.from) + DAY_MS / 4))}
          y="0"
          height="100%"
          fill={`url(#${id}-hatch)`}
        />
      ))}
    </svg>
  );
}

/** Returns the midnights of a span; the API names only days with events. */
function daysOf(fromMs: number, toMs: number): number[] {
  return Array.from({ length: Math.ceil((toMs - fromMs) / DAY_MS) }, (_, day) => fromMs + day * DAY_MS);
}

/** What the drawings of a strip mean. */
export function StripLegend() {
  const t = useTexts(coverageStripTexts);
  const id = useId();
  const entries = [
    { name: t('legendEvents'), shape: <rect className="strip-events" x="4" y="2" width="6" height="12" /> },
    {
      name: t('legendGap'),
      shape: <rect className="strip-gap" x="0" width="14" height="14" fill={`url(#${id}-hatch)`} />,
    },
    { name: t('legendLate'), shape: <rect width="14" height="14" fill={`url(#${id}-dots)`} /> },
    { name: t('legendNone'), shape: <rect className="strip-none" x="2" y="12" width="10" height="2" /> },
  ];
  return (
    <ul className="strip-legend">
      {entries.map(({ name, shape }) => (
        <li key={name}>
          <svg viewBox="0 0 14 14" aria-hidden="true" focusable="false">
            <defs>
              <Patterns id={id} />
            </defs>
            {shape}
          </svg>
          {name}
        </li>
      ))}
    </ul>
  );
}

function Patterns({ id }: { id: string }) {
  return (
    <>
      <pattern id={`${id}-hatch`} width="5" height="5" patternUnits="userSpaceOnUse">
        <path d="M-1 6L6 -1M-1 1L1 -1M4 6L6 4" className="strip-hatch" />
      </pattern>
      <pattern id={`${id}-dots`} width="4" height="4" patternUnits="userSpaceOnUse">
        <circle cx="1" cy="1" r="0.8" className="strip-dot" />
      </pattern>
    </>
  );
}

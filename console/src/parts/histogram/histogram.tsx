import { type KeyboardEvent, type PointerEvent, useId, useMemo, useState } from 'react';
import { useTexts } from '../../i18n/lang';
import { useZone } from '../../time/context';
import { formatLocal, formatZoned, zoneLabel } from '../../time/format';
import { Axis } from './axis';
import { type Brush, barAt, marked, press, rangeOf } from './brush';
import { histogramTexts } from './texts';
import { widthOf } from './ticks';
import './histogram.css';

/** A stretch of lost data, drawn below the bars. */
export interface LostStretch {
  org: string;
  table: string;
  fromMs: number;
  toMs: number;
}

interface HistogramProps {
  fromMs: number;
  bucketMs: number;
  counts: readonly number[];
  lost: readonly LostStretch[];
  /** True while the bars are those of the question before. */
  isStale: boolean;
  /** Zooms into a half-open range. */
  onZoom: (fromMs: number, toMs: number) => void;
}

/** Bars of events over time: drag or mark with the keyboard to zoom in. */
export function Histogram({ fromMs, bucketMs, counts, lost, isStale, onZoom }: HistogramProps) {
  const t = useTexts(histogramTexts);
  const zone = useZone();
  const id = useId();
  const [brush, setBrush] = useState<Brush>({ cursor: 0, anchor: null });
  const [isDragging, setDragging] = useState(false);
  const [isFocused, setFocused] = useState(false);
  const [hovered, setHovered] = useState<number | null>(null);
  const bars = { fromMs, bucketMs, count: counts.length };
  const toMs = fromMs + bucketMs * counts.length;
  const most = Math.max(1, ...counts);
  const mark = marked(brush);
  const spoken = Math.min(hovered ?? brush.cursor, counts.length - 1);

  const zoom = (span: [number, number]) => {
    const range = rangeOf(bars, span);
    onZoom(range.fromMs, range.toMs);
  };
  const barOf = (event: PointerEvent) => {
    const box = event.currentTarget.getBoundingClientRect();
    return barAt((event.clientX - box.left) / box.width, counts.length);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const act = press(event.key, event.shiftKey, brush, counts.length);
    if (act === null) return;
    event.preventDefault();
    event.stopPropagation();
    setHovered(null);
    setBrush(act.brush);
    if (act.zoom) zoom(act.zoom);
  };
  const say = (bar: number) => {
    const range = rangeOf(bars, [bar, bar]);
    return t('bar', {
      from: formatLocal(instant(range.fromMs), zone, bucketMs < 60_000 ? 'second' : 'minute'),
      to: formatZoned(instant(range.toMs), zone, bucketMs < 60_000 ? 'second' : 'minute'),
      count: t('count', { n: counts[bar] ?? 0 }),
    });
  };
  const { value, unit } = widthOf(bucketMs);

  return (
    <figure className="histogram" aria-busy={isStale}>
      <div
        className="histogram-plot"
        role="slider"
        aria-label={t('name')}
        aria-describedby={`${id}-help`}
        aria-valuemin={0}
        aria-valuemax={Math.max(0, counts.length - 1)}
        aria-valuenow={Math.max(0, spoken)}
        aria-valuetext={counts.length > 0 ? say(Math.max(0, spoken)) : undefined}
        tabIndex={0}
        onKeyDown={onKeyDown}
        onPointerDown={(event) => {
          if (event.button !== 0) return;
          event.currentTarget.setPointerCapture(event.pointerId);
          setDragging(true);
          setBrush({ cursor: barOf(event), anchor: barOf(event) });
        }}
        onPointerMove={(event) => {
          const bar = barOf(event);
          setHovered(bar);
          if (isDragging) setBrush({ ...brush, cursor: bar });
        }}
        onPointerUp={() => {
          if (!isDragging) return;
          setDragging(false);
          const span = marked(brush);
          setBrush({ ...brush, anchor: null });
          if (span) zoom(span);
        }}
        onPointerCancel={() => {
          setDragging(false);
          setBrush({ ...brush, anchor: null });
        }}
        onPointerLeave={() => setHovered(null)}
        onFocus={() => setFocused(true)}
        onBlur={() => setFocused(false)}
      >
        <svg className="histogram-svg" aria-hidden="true" focusable="false">
          <Bars counts={counts} most={most} />
          {mark && (
            <rect
              className="histogram-mark"
              x={percent(mark[0], counts.length)}
              width={percent(mark[1] - mark[0] + 1, counts.length)}
              y="0"
              height="100%"
            />
          )}
          <rect
            className="histogram-cursor"
            x={percent(spoken, counts.length)}
            width={percent(1, counts.length)}
            y="0"
            height="100%"
          />
        </svg>
      </div>
      <Lost lost={lost} fromMs={fromMs} toMs={toMs} id={id} />
      <Axis fromMs={fromMs} toMs={toMs} />
      <figcaption className="histogram-caption">
        <span className="histogram-now">
          {counts.length > 0 && (hovered !== null || isFocused) && say(Math.max(0, spoken))}
        </span>
        <span>
          {t('most', { n: most })}
          {' · '}
          {t('width', { width: t(unit, { n: value }), zone: zoneLabel(zone, fromMs) })}
          {lost.length > 0 && ` · ${t('gaps', { n: lost.length })}`}
          {' · '}
          {t('zoom')}
        </span>
        <span id={`${id}-help`} className="visually-hidden">
          {t('help')}
        </span>
      </figcaption>
    </figure>
  );
}

function Bars({ counts, most }: { counts: readonly number[]; most: number }) {
  return useMemo(
    () => (
      <g>
        {counts.map((count, bar) => {
          if (count === 0) return null;
          // One event among thousands must still be seen.
          const height = Math.max(3, (count / most) * 100);
          return (
            <rect
              // biome-ignore lint/suspicious/noArrayIndexKey: a bar is its place
              key={bar}
              className="histogram-bar"
              x={percent(bar, counts.length)}
              width={percent(0.86, counts.length)}
              y={`${100 - height}%`}
              height={`${height}%`}
            />
          );
        })}
      </g>
    ),
    [counts, most],
  );
}

function Lost(props: { lost: readonly LostStretch[]; fromMs: number; toMs: number; id: string }) {
  const t = useTexts(histogramTexts);
  const zone = useZone();
  const { lost, fromMs, toMs, id } = props;
  if (lost.length === 0) return null;
  return (
    <svg className="histogram-lane" aria-hidden="true" focusable="false">
      <defs>
        <pattern id={`${id}-hatch`} width="5" height="5" patternUnits="userSpaceOnUse">
          <path d="M-1 6L6 -1M-1 1L1 -1M4 6L6 4" className="histogram-hatch" />
        </pattern>
      </defs>
      {lost.map((stretch) => {
        const start = Math.max(stretch.fromMs, fromMs) - fromMs;
        const end = Math.min(stretch.toMs, toMs) - fromMs;
        return (
          <rect
            key={`${stretch.org}/${stretch.table}/${stretch.fromMs}`}
            className="histogram-lost"
            x={percent(start, toMs - fromMs)}
            width={percent(Math.max(end - start, (toMs - fromMs) / 400), toMs - fromMs)}
            y="0"
            height="100%"
            fill={`url(#${id}-hatch)`}
          >
            <title>
              {t('gap', {
                table: stretch.table,
                org: stretch.org,
                from: formatLocal(instant(stretch.fromMs), zone, 'minute'),
                to: formatZoned(instant(stretch.toMs), zone, 'minute'),
              })}
            </title>
          </rect>
        );
      })}
    </svg>
  );
}

function percent(part: number, whole: number): string {
  return `${(100 * part) / Math.max(whole, 1)}%`;
}

function instant(ms: number) {
  return { epochMs: ms, micros: 0 };
}

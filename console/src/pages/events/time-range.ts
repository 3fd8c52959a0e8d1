/** What relative times count from. */
export interface Anchors {
  nowMs: number;
  /** First and last event of the data; null where there are none. */
  dataFromMs: number | null;
  dataToMs: number | null;
}

/** A range as the URL has it: RFC 3339 times, or `end-24h` and `now-24h`. Null is open. */
export interface RangeText {
  from: string | null;
  to: string | null;
}

/** A half-open range in milliseconds; null is open. */
export interface RangeMs {
  fromMs: number | null;
  toMs: number | null;
}

/** Ranges that are one click away, in the order shown. `end` counts from the last event, as files are rarely of today. */
export const PRESETS = ['end-1h', 'end-6h', 'end-24h', 'end-7d', 'end-28d', 'now-24h', 'now-7d'] as const;

const UNIT_MS = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const RELATIVE = /^(end|now)(?:-(\d{1,5})([mhd]))?$/;
const ABSOLUTE = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/i;
/** Returns true where a text of the URL is a time that `resolve` reads. */
export function isRangeText(text: string): boolean {
  return RELATIVE.test(text) || (ABSOLUTE.test(text) && !Number.isNaN(Date.parse(text)));
}

/** Returns the range in milliseconds. What cannot be read is open. */
export function resolve(range: RangeText, anchors: Anchors): RangeMs {
  return { fromMs: resolveOne(range.from, anchors), toMs: resolveOne(range.to, anchors) };
}

/** Returns true where a range would mean other times tomorrow. */
export function isRelative(range: RangeText): boolean {
  return [range.from, range.to].some((text) => text !== null && RELATIVE.test(text));
}

/** Returns the range with both ends as absolute times; open ends take the span of the data. */
export function pin(range: RangeText, anchors: Anchors): RangeText {
  const { fromMs, toMs } = spanOf(range, anchors);
  return { from: fromMs === null ? null : iso(fromMs), to: toMs === null ? null : iso(toMs) };
}

/** Returns the range moved by its own width: -1 to the past, 1 to the future. Null where there is nothing to move. */
export function shift(range: RangeText, anchors: Anchors, direction: -1 | 1): RangeText | null {
  const { fromMs, toMs } = spanOf(range, anchors);
  if (fromMs === null || toMs === null || toMs <= fromMs) return null;
  const width = toMs - fromMs;
  return { from: iso(fromMs + direction * width), to: iso(toMs + direction * width) };
}

/** Returns both ends, open ones taken from the data. */
export function spanOf(range: RangeText, anchors: Anchors): RangeMs {
  const asked = resolve(range, anchors);
  // The last event must be inside of the half-open range.
  const dataTo = anchors.dataToMs === null ? null : anchors.dataToMs + 1;
  return { fromMs: asked.fromMs ?? anchors.dataFromMs, toMs: asked.toMs ?? dataTo };
}

/** Returns a time as the API and the URL write it. */
export function iso(ms: number): string {
  return new Date(ms).toISOString().replace('.000Z', 'Z');
}

function resolveOne(text: string | null, anchors: Anchors): number | null {
  if (text === null) return null;
  const relative = RELATIVE.exec(text);
  if (!relative) {
    const ms = ABSOLUTE.test(text) ? Date.parse(text) : Number.NaN;
    return Number.isNaN(ms) ? null : ms;
  }
  const anchor = relative[1] === 'now' ? anchors.nowMs : anchors.dataToMs;
  if (anchor === null) return null;
  const back = Number(relative[2] ?? 0) * UNIT_MS[(relative[3] ?? 'm') as keyof typeof UNIT_MS];
  // `end` itself is behind the last event.
  return back === 0 && relative[1] === 'end' ? anchor + 1 : anchor - back;
}

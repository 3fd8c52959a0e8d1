/** A mark on a time axis. */
export interface Tick {
  ms: number;
  /** True at the start of a day of the zone, whose label is the date. */
  isDay: boolean;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const STEPS_MS = [
  1_000,
  5_000,
  15_000,
  30_000,
  MINUTE,
  5 * MINUTE,
  15 * MINUTE,
  30 * MINUTE,
  HOUR,
  3 * HOUR,
  6 * HOUR,
  12 * HOUR,
  DAY,
  2 * DAY,
  7 * DAY,
  14 * DAY,
  28 * DAY,
  91 * DAY,
  364 * DAY,
];

/** Returns marks at round times of the zone, at most `most` of them. `offsetAt` gives minutes east of UTC. */
export function ticksOf(
  fromMs: number,
  toMs: number,
  most: number,
  offsetAt: (ms: number) => number,
): Tick[] {
  if (toMs <= fromMs || most < 1) return [];
  const step = STEPS_MS.find((candidate) => (toMs - fromMs) / candidate <= most) ?? (toMs - fromMs) / most;
  const ticks: Tick[] = [];
  // Marks stand at round local times; each is put back with the offset that holds there, so that days start at midnight
  // on both sides of a clock change.
  const firstLocal = Math.ceil((fromMs + offsetAt(fromMs) * MINUTE) / step) * step;
  for (let local = firstLocal; ticks.length <= most; local += step) {
    const guess = local - offsetAt(fromMs) * MINUTE;
    const ms = local - offsetAt(guess) * MINUTE;
    if (ms >= toMs) break;
    if (ms >= fromMs) ticks.push({ ms, isDay: local % DAY === 0 });
  }
  return ticks;
}

/** Returns a width in the largest unit that divides it. */
export function widthOf(ms: number): { value: number; unit: 'second' | 'minute' | 'hour' | 'day' } {
  if (ms % DAY === 0) return { value: ms / DAY, unit: 'day' };
  if (ms % HOUR === 0) return { value: ms / HOUR, unit: 'hour' };
  if (ms % MINUTE === 0) return { value: ms / MINUTE, unit: 'minute' };
  return { value: ms / 1_000, unit: 'second' };
}

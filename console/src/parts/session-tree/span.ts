import type { SessionTree } from './types';

/** The one axis that all sessions of a tree lie on. */
export interface TreeSpan {
  fromMs: number;
  toMs: number;
}

/** Room left and right of the spans, as a share of their whole, so that the first and the last are seen to end. */
const ROOM = 0.02;

/** A tree whose events all lie in one instant still needs some width. */
const LEAST_MS = 60_000;

/** Returns the span of a tree with some room; null where it has no time at all. */
export function spanOfTree(tree: SessionTree): TreeSpan | null {
  const times = [tree.login?.time, ...tree.sessions.flatMap(({ from, to }) => [from, to])]
    .map((text) => Date.parse(text ?? ''))
    .filter((ms) => !Number.isNaN(ms));
  if (times.length === 0) return null;
  const first = Math.min(...times);
  const width = Math.max(Math.max(...times) - first, LEAST_MS);
  return { fromMs: first - width * ROOM, toMs: first + width * (1 + ROOM) };
}

/** Returns where a stretch lies on the axis, in percent. */
export function placeOf(span: TreeSpan, from: string, to: string): { left: number; width: number } {
  const share = (ms: number) => (100 * (ms - span.fromMs)) / (span.toMs - span.fromMs);
  const left = share(Date.parse(from));
  return { left, width: Math.max(0, share(Date.parse(to)) - left) };
}

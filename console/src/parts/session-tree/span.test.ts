import { describe, expect, it } from 'vitest';
import { placeOf, spanOfTree } from './span';
import type { Session, SessionTree } from './types';

const session = (from: string | null, to: string | null) => ({ from, to }) as Session;
const tree = (sessions: Session[], loginTime: string | null = null) =>
  ({ login: loginTime === null ? null : { time: loginTime }, sessions }) as SessionTree;

describe('the axis of a tree', () => {
  it('holds the login and every session', () => {
    const span = spanOfTree(
      tree([session('2025-11-14T10:00:00Z', '2025-11-14T12:00:00Z')], '2025-11-14T08:00:00Z'),
    );
    expect(span && span.fromMs < Date.parse('2025-11-14T08:00:00Z')).toBe(true);
    expect(span && span.toMs > Date.parse('2025-11-14T12:00:00Z')).toBe(true);
  });

  it('is never without width, and absent without times', () => {
    const instant = '2025-11-14T10:00:00Z';
    const span = spanOfTree(tree([session(instant, instant)]));
    expect(span && span.toMs - span.fromMs).toBeGreaterThan(0);
    if (span === null) throw new Error('no span');
    const place = placeOf(span, instant, instant);
    expect(place.width).toBe(0);
    expect(place.left).toBeGreaterThanOrEqual(0);
    expect(spanOfTree(tree([session(null, null)]))).toBeNull();
  });
});

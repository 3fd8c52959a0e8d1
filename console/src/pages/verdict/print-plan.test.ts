import { expect, test } from 'vitest';
import type { OrgSheet } from '../../api/types';
import { mostThatFits } from './paper';
import { planPrint } from './print-plan';

function org(
  name: string,
  sizes: Partial<Record<'actors' | 'objects' | 'weak' | 'unseen' | 'next', number>>,
) {
  const list = (count = 0) => Array.from({ length: count }, () => ({}));
  return {
    org: name,
    verdict: 'hit',
    actors: list(sizes.actors),
    objects: list(sizes.objects),
    weak: list(sizes.weak),
    unseen: list(sizes.unseen),
    next: list(sizes.next),
  } as unknown as OrgSheet;
}

const full = { actors: 5, objects: 8, weak: 5, unseen: 6, next: 4 };

test('with room for all, all that the rounds know is printed', () => {
  const plan = planPrint({ orgs: [org('a', full)] }, Number.POSITIVE_INFINITY);
  expect(plan.orgs[0]).toEqual({ isBrief: false, actors: 3, objects: 6, weak: 1, unseen: 4, next: 4 });
  expect(plan.orgsLeftOut).toBe(0);
});

test('when room is short the worst org gets a form and the others keep verdict and next step', () => {
  const plan = planPrint({ orgs: [org('a', full), org('b', full), org('c', full)] }, 20);
  expect(plan.orgs.map((each) => each.isBrief)).toEqual([false, true, true]);
  expect(plan.orgs.map((each) => each.next)).toEqual([1, 1, 1]);
  expect(plan.orgs.map((each) => each.objects)).toEqual([1, 0, 0]);
});

test('without any room every org is brief', () => {
  const plan = planPrint({ orgs: [org('a', full), org('b', {})] }, 0);
  const brief = { isBrief: true, actors: 0, objects: 0, weak: 0, unseen: 0 };
  expect(plan.orgs).toEqual([
    { ...brief, next: 1 },
    { ...brief, next: 0 },
  ]);
});

test('what an org does not have costs nothing', () => {
  const plan = planPrint({ orgs: [org('a', { next: 1 }), org('b', full)] }, 40);
  expect(plan.orgs[0]).toEqual({ isBrief: false, actors: 0, objects: 0, weak: 0, unseen: 0, next: 1 });
  expect(plan.orgs[1]?.objects).toBeGreaterThan(3);
});

test('more lines never print less', () => {
  const orgs = [org('a', full), org('b', { ...full, actors: 0 }), org('c', { unseen: 1, next: 1 })];
  const printed = (lines: number) => planPrint({ orgs }, lines).orgs.filter((each) => !each.isBrief).length;
  for (let lines = 0; lines < 100; lines += 1)
    expect(printed(lines + 1)).toBeGreaterThanOrEqual(printed(lines));
});

test('orgs beyond a page are counted, not dropped in silence', () => {
  const orgs = Array.from({ length: 30 }, (_, index) => org(`org-${index}`, full));
  expect(planPrint({ orgs }, 200).orgsLeftOut).toBe(6);
});

test('the most lines that fit are found, and the fewest where nothing fits', () => {
  for (const limit of [0, 1, 57, 200]) expect(mostThatFits((lines) => lines <= limit)).toBe(limit);
  expect(mostThatFits(() => false)).toBe(0);
});

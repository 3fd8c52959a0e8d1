import type { OrgSheet, Sheet } from '../../api/types';

/** How much of an org's form goes on paper. */
export interface OrgPlan {
  actors: number;
  objects: number;
  weak: number;
  unseen: number;
  next: number;
}

/** What fits on one A4 page: a plan for each org that is printed, in order. */
export interface PrintPlan {
  orgs: OrgPlan[];
  orgsLeftOut: number;
}

// Measured with the longest texts of the sample sheet in both languages at the print style's 7.4 pt: the page
// holds this many lines below the head.
const PAGE_LINES = 66;
// Beyond these an org's block would be shorter than what must be said of it.
const MOST_ORGS = 12;

// Lines that each part takes: actors, unseen things and steps wrap into two.
const LINES = { org: 2, actor: 2, tableHead: 1.4, object: 1, weak: 1, unseen: 2, next: 1.4 } as const;

type Part = keyof OrgPlan;

/** In which order lines are given away: what decides first, then the evidence, round by round. */
const ROUNDS: readonly Part[] = [
  'next',
  'unseen',
  'actors',
  'objects',
  'objects',
  'next',
  'unseen',
  'objects',
  'actors',
  'weak',
  'objects',
  'unseen',
  'next',
  'objects',
  'objects',
  'actors',
  'unseen',
  'next',
];

/** Returns what of a sheet is printed so that it fits on one A4 page, every org with its verdict and next step. */
export function planPrint(sheet: Pick<Sheet, 'orgs'>, isDemo: boolean): PrintPlan {
  const orgs = sheet.orgs.slice(0, MOST_ORGS);
  const plans = orgs.map((): OrgPlan => ({ actors: 0, objects: 0, weak: 0, unseen: 0, next: 0 }));
  let left = PAGE_LINES - (isDemo ? 2 : 0) - orgs.length * LINES.org;
  for (const part of ROUNDS) {
    orgs.forEach((org, index) => {
      const plan = plans[index];
      if (plan === undefined || plan[part] >= org[part].length) return;
      const cost = costOf(part, plan);
      if (cost > left) return;
      plan[part] += 1;
      left -= cost;
    });
  }
  return { orgs: plans, orgsLeftOut: sheet.orgs.length - orgs.length };
}

function costOf(part: Part, plan: OrgPlan): number {
  const isFirst = plan[part] === 0;
  switch (part) {
    case 'actors':
      return LINES.actor + (isFirst ? LINES.tableHead : 0);
    case 'objects':
      return LINES.object + (isFirst ? LINES.tableHead * 1.6 : 0);
    case 'weak':
      return LINES.weak;
    case 'unseen':
      return LINES.unseen;
    case 'next':
      return LINES.next;
  }
}

/** Returns the class of the item at `index` when `printed` of the list go on paper. */
export function printClass(index: number, printed: number): string | undefined {
  return index < printed ? undefined : 'screen-only';
}

/** Returns how many things of an org are left out on paper beyond those that the sheet itself leaves out. */
export function leftOut(org: OrgSheet, plan: OrgPlan): number {
  return org.actor_count - plan.actors + (org.object_count - plan.objects) + (org.unseen_count - plan.unseen);
}

import type { Sheet } from '../../api/types';

/** How much of an org's form goes on paper. */
export interface OrgPlan {
  actors: number;
  objects: number;
  weak: number;
  unseen: number;
  next: number;
}

/** What goes on paper: a plan for each org that is printed, in order. */
export interface PrintPlan {
  orgs: OrgPlan[];
  orgsLeftOut: number;
}

// Beyond these an org's block would be shorter than what must be said of it.
const MOST_ORGS = 12;

// About what each part takes on paper; usePaper measures what it really is.
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

/**
 * Returns what of a sheet is printed when about `lines` lines may be used below its head. Every org keeps its
 * verdict; what is beyond goes by what decides first.
 */
export function planPrint(sheet: Pick<Sheet, 'orgs'>, lines: number): PrintPlan {
  const orgs = sheet.orgs.slice(0, MOST_ORGS);
  const plans = orgs.map((): OrgPlan => ({ actors: 0, objects: 0, weak: 0, unseen: 0, next: 0 }));
  let left = lines - orgs.length * LINES.org;
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

import type { Sheet, Verdict } from '../../api/types';

/** How much of an org's form goes on paper. */
export interface OrgPlan {
  /** The org has only its name, its verdict and its most urgent step. */
  isBrief: boolean;
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

type Sizes = Pick<Sheet, 'orgs'>;
type Part = Exclude<keyof OrgPlan, 'isBrief'>;

// Even briefly said, more orgs than these would not be readable on one page.
const MOST_ORGS = 24;

// About what each part takes on paper; usePaperLines measures what it really is.
const LINES = {
  brief: 2.4,
  form: 2,
  actor: 2,
  tableHead: 1.4,
  object: 1,
  weak: 1,
  unseen: 2,
  next: 1.4,
} as const;

/** What an org needs on paper to be more than brief; a clear one's blind spots can wait. */
const LEAST: Record<Verdict, readonly Part[]> = {
  hit: ['next', 'unseen', 'actors', 'objects'],
  inconclusive: ['next', 'unseen'],
  clear: ['next'],
};

/** In which order the lines left are given away, round by round through the orgs. */
const ROUNDS: readonly Part[] = [
  'objects',
  'next',
  'objects',
  'unseen',
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
 * verdict and next step; as many as have room, the worst first, get a form, and what is left goes to evidence.
 */
export function planPrint(sheet: Sizes, lines: number): PrintPlan {
  const orgs = sheet.orgs.slice(0, MOST_ORGS);
  let left = lines - orgs.length * LINES.brief;
  const plans = orgs.map((org): OrgPlan => {
    const brief = {
      isBrief: true,
      actors: 0,
      objects: 0,
      weak: 0,
      unseen: 0,
      next: Math.min(1, org.next.length),
    };
    const form = { ...brief, isBrief: false, next: 0 };
    const cost = LINES.form + give(LEAST[org.verdict], org, form, Number.POSITIVE_INFINITY);
    if (cost > left) return brief;
    left -= cost;
    return form;
  });
  for (const part of ROUNDS) {
    orgs.forEach((org, index) => {
      const plan = plans[index];
      if (plan !== undefined && !plan.isBrief) left -= give([part], org, plan, left);
    });
  }
  return { orgs: plans, orgsLeftOut: sheet.orgs.length - orgs.length };
}

/** Adds one of each part to a plan where the org has one more and it fits; returns the lines used. */
function give(parts: readonly Part[], org: Sizes['orgs'][number], plan: OrgPlan, left: number): number {
  let used = 0;
  for (const part of parts) {
    const cost = costOf(part, plan[part] === 0);
    if (plan[part] >= org[part].length || used + cost > left) continue;
    plan[part] += 1;
    used += cost;
  }
  return used;
}

function costOf(part: Part, isFirst: boolean): number {
  switch (part) {
    case 'actors':
      return LINES.actor + (isFirst ? LINES.tableHead : 0);
    case 'objects':
      return LINES.object + (isFirst ? 2 * LINES.tableHead : 0);
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

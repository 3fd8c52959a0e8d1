import type { components } from './schema';

type Schemas = components['schemas'];

/**
 * A type of the document with every member there. The document calls members that may be null optional; the
 * server always writes them.
 */
type Present<T> = T extends (infer Item)[]
  ? Present<Item>[]
  : T extends object
    ? { [Key in keyof T]-?: Present<Exclude<T[Key], undefined>> }
    : T;

/** A page of a collection. */
export interface Collection<T> {
  items: T[];
  next_cursor: string | null;
  updated_at: string;
}

/** What an endpoint says when it cannot answer; `at` is there for queries that cannot be read. */
export type Problem = Omit<Present<Schemas['Problem']>, 'at'> & Pick<Schemas['Problem'], 'at'>;

export type Verdict = Schemas['Verdict'];
export type Level = keyof Schemas['FindingCounts'];
export type TakenBy = Schemas['TakenBy'];

export type Status = Present<Schemas['Status']>;

export type Sheet = Present<Schemas['Sheet']>;
export type OrgSheet = Present<Schemas['OrgSheet']>;
export type SheetActor = Present<Schemas['Actor']>;
export type SheetObject = Present<Schemas['Touched']>;
export type SheetUnseen = Present<Schemas['Unseen']>;

export type FindingGroup = Present<Schemas['FindingGroup']> & { level: Level };
export type Finding = Present<Schemas['FindingDetail']> & { level: Level };

export type Event = Present<Schemas['Event']>;
export type EventPage = Present<Schemas['EventPage']>;
export type Histogram = Present<Schemas['Histogram']>;
export type Facets = Present<Schemas['Facets']>;
export type Facet = Facets['facets'][number];
export type EventField = Present<Schemas['FieldValue']>;
export type EventDetail = Omit<Present<Schemas['EventDetail']>, 'extra'> & {
  extra: Record<string, unknown> | null;
};
export type SurroundingBy = Schemas['SurroundingBy'];
export type Surrounding = Present<Schemas['Surrounding']>;
export type FieldInfo = Present<Schemas['FieldAbout']>;

export type SessionRow = Present<Schemas['SessionRow']>;
export type SessionTree = Present<Schemas['SessionTree']>;
export type TableInfo = Present<Schemas['TableRow']>;
export type TableColumns = Present<Schemas['TableColumns']>;

/** Coverage says less where there is nothing to say: its optional members may be missing. */
export type Coverage = Schemas['Coverage'];
export type TableCoverage = Schemas['TableCoverage'];

import type { components } from '../../api/schema';

type Schemas = components['schemas'];

/** What of every org was searched. */
export type Coverage = Schemas['Coverage'];

/** What of one table of one org was searched, with its days. */
export type TableCoverage = Schemas['TableDays'];

/** A lost stretch of a table. */
export type Gap = Schemas['Gap'];

/** Something that a table cannot show. */
export type Blind = Schemas['Blindness'];

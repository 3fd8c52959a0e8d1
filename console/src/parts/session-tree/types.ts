import type { SessionTree as Tree } from '../../api/types';

/** A login with its sessions. */
export type SessionTree = Tree;

/** A session of a login. */
export type Session = SessionTree['sessions'][number];

/** The row of the login itself. */
export type Login = NonNullable<SessionTree['login']>;

/** How a session came to be. */
export type SessionKind = Session['kind'];

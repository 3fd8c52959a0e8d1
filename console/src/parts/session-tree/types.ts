/** How a session came to be. */
export type SessionKind = 'login' | 'login_as' | 'frontdoor' | 'unknown';

/** The evidence for a kind. */
export type SessionReason =
  | 'named_by_login_row'
  | 'first_after_login'
  | 'login_as_event'
  | 'other_user'
  | 'frontdoor_seen'
  | 'other_device'
  | 'other_address'
  | 'no_login_row'
  | 'nothing_tells';

/** Something odd about a session, whatever its kind. */
export type SessionFlag =
  | 'other_user'
  | 'other_device'
  | 'other_address'
  | 'several_users'
  | 'several_devices';

/** The row of the login itself. */
export interface Login {
  time: string | null;
  table: string;
  event_uid: string | null;
  user: string | null;
  user_id: string | null;
  src_ip: string | null;
  country: string | null;
  user_agent: string | null;
  app: string | null;
  action: string | null;
  outcome: string | null;
  session_level: string | null;
  session_key: string | null;
}

/** A session of a login. */
export interface Session {
  session_key: string;
  kind: SessionKind;
  reasons: SessionReason[];
  flags: SessionFlag[];
  user: string | null;
  src_ips: string[];
  user_agents: string[];
  from: string | null;
  to: string | null;
  events: number;
  tables: Record<string, number>;
  is_capped: boolean;
}

/** A login with its sessions. */
export interface SessionTree {
  login_key: string | null;
  orgs: string[];
  user: string | null;
  login: Login | null;
  sessions: Session[];
  events_without_session: number;
  is_capped: boolean;
}

/** The pages of the navigation in order, with the letter that goes to each after `g`. */
export const PAGES = [
  { to: '/', key: 'v', text: 'verdict' },
  { to: '/findings', key: 'f', text: 'findings' },
  { to: '/events', key: 'e', text: 'events' },
  { to: '/session', key: 's', text: 'session' },
  { to: '/tables', key: 't', text: 'tables' },
  { to: '/coverage', key: 'c', text: 'coverage' },
] as const;

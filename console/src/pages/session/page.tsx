import { getRouteApi } from '@tanstack/react-router';
import { SessionList } from './list';
import { TreePage } from './tree-page';
import './session.css';

const route = getRouteApi('/session');

/** The session tree of a key; the list of sessions without one. */
export default function SessionPage() {
  const { key } = route.useSearch();
  return key === undefined ? <SessionList /> : <TreePage sessionKey={key} />;
}

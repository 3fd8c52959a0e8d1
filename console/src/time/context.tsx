import { createContext, type ReactNode, useContext } from 'react';
import { type Zone, zoneOf } from './zone';

const ZoneContext = createContext<Zone>(zoneOf('utc', undefined));

/** Gives its children the zone that times are shown in. */
export function ZoneProvider({ zone, children }: { zone: Zone; children: ReactNode }) {
  return <ZoneContext value={zone}>{children}</ZoneContext>;
}

/** Returns the zone that times are shown in. */
export function useZone(): Zone {
  return useContext(ZoneContext);
}

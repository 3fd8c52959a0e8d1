import { useMemo } from 'react';
import type { Event } from '../../api/types';
import { useNumbers } from '../../i18n/lang';
import { Plain } from '../../parts/plain';
import { useAllZones } from '../../parts/time';
import type { VirtualColumn } from '../../parts/virtual-table/virtual-table';
import { useZone } from '../../time/context';
import { formatLocal, readInstant, zoneLabel } from '../../time/format';
import { COLUMN_PX, type ColumnName, MONO_COLUMNS, NUMBER_COLUMNS } from './columns';

/** Returns the columns of the event table with their cells in the shown zone and language. */
export function useEventColumns(names: readonly ColumnName[]): VirtualColumn<Event>[] {
  const zone = useZone();
  const { number } = useNumbers();
  const allZones = useAllZones();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the titles change with the zone, which is named
  return useMemo(() => {
    const time = (event: Event) => {
      const instant = event.time === null ? null : readInstant(event.time);
      if (instant === null) return <span className="quiet">—</span>;
      return (
        <time dateTime={event.time ?? ''} title={allZones(instant)}>
          {formatLocal(instant, zone, 'second')}{' '}
          <span className="time-zone">{zoneLabel(zone, instant.epochMs)}</span>
        </time>
      );
    };
    const cell = (name: ColumnName) => (event: Event) => {
      if (name === 'time') return time(event);
      const value = event[name];
      if (value === null) return null;
      return typeof value === 'number' ? number(value) : <Plain text={value} />;
    };
    return names.map((name) => ({
      id: name,
      label: name,
      px: COLUMN_PX[name],
      className: [
        NUMBER_COLUMNS.has(name) ? 'number' : '',
        MONO_COLUMNS.has(name) ? 'mono' : '',
        name === 'outcome' ? 'outcome' : '',
      ].join(' '),
      cell: cell(name),
    }));
  }, [names, zone, number]);
}

import { useZone } from '../../time/context';
import { formatLocal } from '../../time/format';
import { offsetMinutes } from '../../time/zone';
import { ticksOf } from './ticks';
import './axis.css';

/** Dates need some room to stay legible. */
const MOST_TICKS = 15;

/** A time axis; days begin at midnight of the shown zone. */
export function Axis({ fromMs, toMs, most = MOST_TICKS }: { fromMs: number; toMs: number; most?: number }) {
  const zone = useZone();
  const ticks = ticksOf(fromMs, toMs, most, (ms) => offsetMinutes(zone.id, ms));
  return (
    <div className="axis" aria-hidden="true">
      {ticks.map((tick, index) => {
        const local = formatLocal({ epochMs: tick.ms, micros: 0 }, zone, 'second');
        const isFirst = index === 0;
        const clock = local.slice(17) === '00' ? local.slice(11, 16) : local.slice(11);
        return (
          <span
            key={tick.ms}
            className={tick.isDay ? 'axis-tick axis-day' : 'axis-tick'}
            style={{ insetInlineStart: `${(100 * (tick.ms - fromMs)) / (toMs - fromMs)}%` }}
          >
            {tick.isDay ? local.slice(5, 10) : isFirst ? `${local.slice(5, 10)} ${clock}` : clock}
          </span>
        );
      })}
    </div>
  );
}

import { type FormEvent, useState } from 'react';
import { useTexts } from '../../i18n/lang';
import { Button } from '../../parts/button';
import { TextField } from '../../parts/field';
import { Panel } from '../../parts/panel';
import { useZone } from '../../time/context';
import { formatLocal, readInstant, zoneLabel } from '../../time/format';
import { parseTyped } from '../../time/parse';
import type { Zone } from '../../time/zone';
import { eventsTexts } from './texts';
import { type Anchors, iso, PRESETS, type RangeText, resolve } from './time-range';

interface RangePickerProps {
  range: RangeText;
  anchors: Anchors;
  onChange: (range: RangeText) => void;
}

/** Chooses a time range: one click for the usual ones, or both ends typed in the shown zone. */
export function RangePicker({ range, anchors, onChange }: RangePickerProps) {
  const t = useTexts(eventsTexts);
  const nameOf = usePresetNames();
  const shown = useShown(range, anchors);
  return (
    <Panel kind="outline" className="range" button={shown} name={t('range', { range: shown })}>
      {(close) => {
        const choose = (chosen: RangeText) => {
          close();
          onChange(chosen);
        };
        return (
          <div className="range-panel">
            <ul className="range-presets">
              {[null, ...PRESETS].map((preset) => (
                <li key={preset ?? 'all'}>
                  <Button
                    kind="plain"
                    aria-pressed={range.from === preset && range.to === null}
                    onClick={() => choose({ from: preset, to: null })}
                  >
                    {nameOf(preset)}
                  </Button>
                </li>
              ))}
            </ul>
            <Ends range={range} anchors={anchors} onChange={choose} />
          </div>
        );
      }}
    </Panel>
  );
}

/** Both ends as text. */
function Ends({ range, anchors, onChange }: RangePickerProps) {
  const t = useTexts(eventsTexts);
  const zone = useZone();
  const [from, setFrom] = useState(() => typedOf(range.from, anchors, zone));
  const [to, setTo] = useState(() => typedOf(range.to, anchors, zone));
  const [problem, setProblem] = useState<{ from?: string; to?: string }>({});
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const [start, end] = [read(from, zone), read(to, zone)];
    if (start === undefined || end === undefined) {
      setProblem({
        ...(start === undefined ? { from: t('badTime') } : {}),
        ...(end === undefined ? { to: t('badTime') } : {}),
      });
    } else if (start !== null && end !== null && Date.parse(start) >= Date.parse(end)) {
      setProblem({ to: t('badOrder') });
    } else onChange({ from: start, to: end });
  };
  const label = zoneLabel(zone, anchors.dataToMs ?? anchors.nowMs);
  return (
    <form className="range-ends" onSubmit={submit}>
      <TextField
        label={t('from', { zone: label })}
        placeholder={t('begins')}
        value={from}
        problem={problem.from}
        onChange={(event) => setFrom(event.target.value)}
      />
      <TextField
        label={t('to', { zone: label })}
        placeholder={t('ends')}
        value={to}
        problem={problem.to}
        onChange={(event) => setTo(event.target.value)}
      />
      <p className="range-help quiet">{t('rangeHelp')}</p>
      <Button kind="main" type="submit">
        {t('apply')}
      </Button>
    </form>
  );
}

/** Returns the range as its button says it. */
function useShown(range: RangeText, anchors: Anchors): string {
  const t = useTexts(eventsTexts);
  const zone = useZone();
  const nameOf = usePresetNames();
  const isPreset = range.to === null && (range.from === null || /^(end|now)-/.test(range.from));
  if (isPreset) return nameOf(range.from);
  const { fromMs, toMs } = resolve(range, anchors);
  const local = (ms: number) =>
    formatLocal({ epochMs: ms, micros: 0 }, zone, ms % 60_000 === 0 ? 'minute' : 'second');
  const start = fromMs === null ? t('begins') : local(fromMs);
  const end = toMs === null ? t('ends') : local(toMs);
  return `${start} – ${end} ${zoneLabel(zone, toMs ?? fromMs ?? 0)}`;
}

function usePresetNames(): (preset: string | null) => string {
  const t = useTexts(eventsTexts);
  return (preset) => {
    if (preset === null) return t('allTime');
    const [, anchor, count, unit] = /^(end|now)-(\d+)([hd])$/.exec(preset) ?? [];
    if (count === undefined) return preset;
    const span = t(unit === 'd' ? 'days' : 'hours', { n: Number(count) });
    return anchor === 'now' ? t('lastUntilNow', { span }) : t('lastOfData', { span });
  };
}

function typedOf(text: string | null, anchors: Anchors, zone: Zone): string {
  if (text === null) return '';
  const { fromMs } = resolve({ from: text, to: null }, anchors);
  const instant = readInstant(text) ?? (fromMs === null ? null : readInstant(iso(fromMs)));
  return instant === null ? '' : formatLocal(instant, zone, 'second');
}

/** Returns the time of a typed end, null where it is left open, undefined where it is no time. */
function read(typed: string, zone: Zone): string | null | undefined {
  if (typed.trim() === '') return null;
  return parseTyped(typed.trim().replaceAll('/', '-'), zone) ?? undefined;
}

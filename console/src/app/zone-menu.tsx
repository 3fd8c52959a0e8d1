import { useSearch } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { useTexts } from '../i18n/lang';
import { Button } from '../parts/button';
import { Dialog } from '../parts/dialog';
import { TextField } from '../parts/field';
import { Menu } from '../parts/menu';
import { useZone } from '../time/context';
import { isZone, ZONE_CHOICES, zoneOf } from '../time/zone';
import { useChangeRoot } from './root';
import { shellTexts } from './texts';

/** Chooses the zone that times are shown in, and names the zone of the logs. */
export function ZoneMenu() {
  const t = useTexts(shellTexts);
  const shown = useZone();
  const { logzone } = useSearch({ from: '__root__' });
  const changeRoot = useChangeRoot();
  const [isNaming, setNaming] = useState(false);
  const log = zoneOf('log', logzone).id;
  const names = { utc: t('zoneUtc'), jst: t('zoneJst'), log: `${t('zoneLog')}: ${log}` };
  const short = { utc: 'UTC', jst: 'JST', log };
  return (
    <>
      <Menu
        button={short[shown.choice]}
        name={t('zone', { zone: short[shown.choice] })}
        items={[
          ...ZONE_CHOICES.map((choice) => ({
            id: choice,
            name: names[choice],
            isCurrent: choice === shown.choice,
            onPick: () => changeRoot({ zone: choice }),
          })),
          { id: 'name', name: t('zoneLogSet'), onPick: () => setNaming(true) },
        ]}
      />
      {isNaming && <LogZone start={log} onClose={() => setNaming(false)} />}
    </>
  );
}

function LogZone({ start, onClose }: { start: string; onClose: () => void }) {
  const t = useTexts(shellTexts);
  const changeRoot = useChangeRoot();
  const [typed, setTyped] = useState(start);
  const isGood = isZone(typed.trim());
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!isGood) return;
    changeRoot({ zone: 'log', logzone: typed.trim() });
    onClose();
  };
  return (
    <Dialog title={t('zoneLog')} onClose={onClose}>
      <form className="log-zone" onSubmit={submit}>
        <TextField
          label={t('zoneLogName')}
          value={typed}
          problem={isGood ? undefined : t('zoneLogBad')}
          onChange={(event) => setTyped(event.target.value)}
        />
        <p className="quiet">{t('zoneLogWhy')}</p>
        <Button type="submit" kind="main" disabled={!isGood}>
          {t('zoneLogUse')}
        </Button>
      </form>
    </Dialog>
  );
}

import { useEffect, useState } from 'react';
import { apiUrl } from '../../api/client';
import type { Histogram } from '../../api/types';
import { useNumbers, useTexts } from '../../i18n/lang';
import { Button } from '../../parts/button';
import { Panel } from '../../parts/panel';
import { COLUMN_NAMES, type ColumnName, DEFAULT_COLUMNS } from './columns';
import type { Filter } from './data';
import { eventsTexts } from './texts';

interface ToolbarProps {
  histogram: Histogram | undefined;
  isAscending: boolean;
  onSort: () => void;
  columns: readonly ColumnName[];
  onColumns: (columns: readonly ColumnName[]) => void;
  /** The filter with both ends absolute, for exports. */
  pinned: Filter | null;
  /** Returns the address of this very view with absolute times. */
  permalink: () => string;
}

const SHOWN_MS = 2_000;

/** What was found, its order, its columns, and ways to take it along. */
export function Toolbar(props: ToolbarProps) {
  const { histogram, isAscending, onSort, columns, onColumns, pinned, permalink } = props;
  const t = useTexts(eventsTexts);
  return (
    <div className="events-tools">
      <Found histogram={histogram} />
      <Button kind="plain" onClick={onSort}>
        {isAscending ? t('oldestFirst') : t('newestFirst')} {isAscending ? '↑' : '↓'}
      </Button>
      <Columns columns={columns} onColumns={onColumns} />
      {pinned && <Exports filter={pinned} />}
      <Permalink permalink={permalink} />
    </div>
  );
}

function Found({ histogram }: { histogram: Histogram | undefined }) {
  const t = useTexts(eventsTexts);
  const { number } = useNumbers();
  return (
    <p className="events-found" role="status">
      {histogram && (
        <>
          <strong>{t('count', { n: histogram.total + histogram.undated })}</strong>
          {histogram.undated > 0 && <span>{t('undated', { n: histogram.undated })}</span>}
          <span className="quiet events-took">{t('took', { ms: number(histogram.took_ms) })}</span>
        </>
      )}
    </p>
  );
}

function Columns({ columns, onColumns }: Pick<ToolbarProps, 'columns' | 'onColumns'>) {
  const t = useTexts(eventsTexts);
  const toggle = (name: ColumnName) => {
    const left = columns.filter((column) => column !== name);
    onColumns(left.length < columns.length ? left : [...columns, name]);
  };
  const moveLeft = (name: ColumnName) => {
    const at = columns.indexOf(name);
    const before = columns[at - 1];
    if (before !== undefined) onColumns(columns.with(at - 1, name).with(at, before));
  };
  const rest = COLUMN_NAMES.filter((name) => !columns.includes(name));
  return (
    <Panel button={t('columns')} name={t('columns')}>
      {() => (
        <>
          <ul className="events-columns">
            {[...columns, ...rest].map((name) => {
              const isShown = columns.includes(name);
              return (
                <li key={name}>
                  <label>
                    <input
                      type="checkbox"
                      checked={isShown}
                      disabled={isShown && columns.length === 1}
                      onChange={() => toggle(name)}
                    />
                    {name}
                  </label>
                  {isShown && columns[0] !== name && (
                    <Button
                      kind="plain"
                      className="events-column-move"
                      aria-label={t('moveLeft', { name })}
                      title={t('moveLeft', { name })}
                      onClick={() => moveLeft(name)}
                    >
                      ↑
                    </Button>
                  )}
                </li>
              );
            })}
          </ul>
          <Button kind="plain" onClick={() => onColumns(DEFAULT_COLUMNS)}>
            {t('columnsReset')}
          </Button>
        </>
      )}
    </Panel>
  );
}

function Exports({ filter }: { filter: Filter }) {
  const t = useTexts(eventsTexts);
  return (
    <Panel button={t('export')} name={t('export')}>
      {() => (
        <ul className="events-exports">
          <li>
            <a href={apiUrl('/events/export', { ...filter, format: 'csv' })} download>
              {t('exportCsv')}
            </a>
          </li>
          <li>
            <a href={apiUrl('/events/export', { ...filter, format: 'jsonl' })} download>
              {t('exportJsonl')}
            </a>
          </li>
        </ul>
      )}
    </Panel>
  );
}

function Permalink({ permalink }: { permalink: () => string }) {
  const t = useTexts(eventsTexts);
  const [isCopied, setCopied] = useState(false);
  useEffect(() => {
    if (!isCopied) return;
    const timer = setTimeout(() => setCopied(false), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [isCopied]);
  return (
    <>
      <Button
        kind="plain"
        title={t('permalinkWhat')}
        onClick={() => void navigator.clipboard.writeText(permalink()).then(() => setCopied(true))}
      >
        {isCopied ? t('permalinkDone') : t('permalink')}
      </Button>
      <span className="visually-hidden" role="status">
        {isCopied ? t('permalinkDone') : ''}
      </span>
    </>
  );
}

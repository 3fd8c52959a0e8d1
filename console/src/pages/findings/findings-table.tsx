import { Link } from '@tanstack/react-router';
import type { FindingGroup } from '../../api/types';
import type { useListKeys } from '../../app/list-keys';
import { useNumbers, usePick, useTexts } from '../../i18n/lang';
import { spelledOut } from '../../parts/escape';
import { Plain } from '../../parts/plain';
import { Severity } from '../../parts/severity';
import { TimeRange } from '../../parts/time';
import { findingsTexts } from './texts';

interface FindingsTableProps {
  items: readonly FindingGroup[];
  list: ReturnType<typeof useListKeys>;
  /** The finding that is open beside the table. */
  open: string | undefined;
}

/** The findings, one a line; the rule's name opens it. */
export function FindingsTable({ items, list, open }: FindingsTableProps) {
  const t = useTexts(findingsTexts);
  return (
    <div className="findings-frame">
      <table className="rows findings-table">
        <thead>
          <tr>
            <th scope="col">{t('level')}</th>
            <th scope="col">{t('rule')}</th>
            <th scope="col">{t('author')}</th>
            <th scope="col">{t('org')}</th>
            <th scope="col">{t('actor')}</th>
            <th scope="col">{t('addresses')}</th>
            <th scope="col" className="number">
              {t('events')}
            </th>
            <th scope="col">{t('when')}</th>
          </tr>
        </thead>
        <tbody>
          {items.map((item, index) => (
            <Row key={item.id} item={item} index={index} list={list} isOpen={item.id === open} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface RowProps {
  item: FindingGroup;
  index: number;
  list: ReturnType<typeof useListKeys>;
  isOpen: boolean;
}

function Row({ item, index, list, isOpen }: RowProps) {
  const t = useTexts(findingsTexts);
  const pick = usePick();
  const { number } = useNumbers();
  return (
    <tr className={isOpen ? 'is-open' : undefined}>
      <td>
        <Severity level={item.level} />
      </td>
      <td className="findings-rule" title={spelledOut(pick(item.title))}>
        <Link
          from="/findings"
          to="."
          search={(before) => ({ ...before, finding: item.id })}
          replace
          className="row-link"
          tabIndex={index === list.cursor ? 0 : -1}
          ref={list.refOf(index)}
          onFocus={() => list.setCursor(index)}
        >
          <Plain text={pick(item.title)} />
        </Link>
      </td>
      <td className="findings-author" title={item.author === null ? undefined : spelledOut(item.author)}>
        <Author finding={item} />
      </td>
      <td>
        <Plain text={item.org} />
      </td>
      <td className="findings-actor" title={item.actor === null ? undefined : spelledOut(item.actor)}>
        {item.actor === null ? <span className="quiet">{t('unknown')}</span> : <Plain text={item.actor} />}
      </td>
      <td className="findings-addresses mono" title={item.src_ips.map(spelledOut).join('\n')}>
        {item.src_ips.map((address, position) => (
          <span key={address}>
            {position > 0 && ' '}
            <Plain text={address} />
          </span>
        ))}
      </td>
      <td className="number">{number(item.events)}</td>
      <td className="nowrap">
        <TimeRange from={item.from} to={item.to} />
      </td>
    </tr>
  );
}

/** Who says that it is a finding: a rule's author, or the kind of list where no author is named. */
export function Author({ finding }: { finding: FindingGroup }) {
  const t = useTexts(findingsTexts);
  if (finding.author !== null) return <Plain text={finding.author} />;
  return (
    <span className="quiet">
      {t(finding.source === 'rule' ? 'authorUnknown' : `source_${finding.source}`)}
    </span>
  );
}

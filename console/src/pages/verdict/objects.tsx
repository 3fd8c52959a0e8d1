import type { OrgSheet, SheetObject } from '../../api/types';
import { useNumbers, useTexts } from '../../i18n/lang';
import { spelledOut } from '../../parts/escape';
import { Plain } from '../../parts/plain';
import { Columns, EventsFigure, Figure } from './figures';
import { printClass } from './print-plan';
import { verdictTexts } from './texts';

/** What was touched: what calls returned and what is proven taken stand apart. */
export function Objects({ org, printed }: { org: OrgSheet; printed: number }) {
  const t = useTexts(verdictTexts);
  return (
    <table className="form-table objects">
      <Columns widths={[22, 8, 11, 15, 8, 9, 9, 0]} />
      <thead>
        <tr>
          <th scope="col" rowSpan={2}>
            {t('object')}
          </th>
          <th scope="col" className="number">
            {t('accessed')}
          </th>
          <th scope="colgroup" colSpan={2} className="objects-returned">
            {t('returned')}
          </th>
          <th scope="colgroup" colSpan={4} className="objects-taken">
            {t('taken')}
          </th>
        </tr>
        <tr className="form-units">
          <th scope="col" className="number">
            {t('accessedUnit')}
          </th>
          <th scope="col" className="number objects-returned">
            {t('returnedUnit')}
          </th>
          <th scope="col">{t('returnedBy')}</th>
          <th scope="col" className="number objects-taken">
            {t('accessedUnit')}
          </th>
          <th scope="col" className="number">
            {t('rows')}
          </th>
          <th scope="col" className="number">
            {t('bytes')}
          </th>
          <th scope="col">{t('takenHow')}</th>
        </tr>
      </thead>
      <tbody>
        {org.objects.map((object, index) => (
          <ObjectRow
            // biome-ignore lint/suspicious/noArrayIndexKey: the sheet's order does not change
            key={index}
            object={object}
            org={org.org}
            className={printClass(index, printed)}
          />
        ))}
      </tbody>
    </table>
  );
}

function ObjectRow({
  object,
  org,
  className,
}: {
  object: SheetObject;
  org: string;
  className: string | undefined;
}) {
  const t = useTexts(verdictTexts);
  return (
    <tr className={className}>
      <th scope="row" className="object-name" title={spelledOut(object.object)}>
        <span className="clamp">
          <Plain text={object.object} />
        </span>
      </th>
      <td className="number">
        <EventsFigure value={object.accessed} q={object.query} org={org} />
      </td>
      <td className="number objects-returned">
        <Figure value={object.returned_rows} />
      </td>
      <td className="object-table">
        {object.returned_table !== null && <span className="quiet">{object.returned_table}</span>}
      </td>
      {object.taken_events === 0 ? (
        <td colSpan={4} className="objects-taken">
          <span className="quiet">{t('takenNone')}</span>
        </td>
      ) : (
        <TakenCells object={object} org={org} />
      )}
    </tr>
  );
}

function TakenCells({ object, org }: { object: SheetObject; org: string }) {
  const t = useTexts(verdictTexts);
  const { bytes } = useNumbers();
  return (
    <>
      <td className="number objects-taken">
        <EventsFigure value={object.taken_events} q={object.query} org={org} />
      </td>
      <td className="number object-taken">
        <Figure value={object.taken_rows} />
      </td>
      <td className="number object-taken">
        <Figure value={object.taken_bytes}>{bytes}</Figure>
      </td>
      <td>{object.taken_by.map((way) => t(way)).join(' · ')}</td>
    </>
  );
}

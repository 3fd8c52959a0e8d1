import { pieces } from './escape';
import './plain.css';

/**
 * Shows text from a log. It is always a text node; characters that hide or reorder text are spelled out, and
 * its direction cannot reach its neighbours.
 */
export function Plain({ text, isMono = false }: { text: string; isMono?: boolean }) {
  const cut = pieces(text);
  return (
    <bdi className={isMono ? 'plain mono' : 'plain'}>
      {cut.map((piece, index) =>
        piece.kind === 'text' ? (
          piece.text
        ) : (
          // biome-ignore lint/suspicious/noArrayIndexKey: the pieces of one text never change order
          <span key={index} className="escape" title={`U+${hex(piece.codePoint)}`}>
            {piece.text}
          </span>
        ),
      )}
    </bdi>
  );
}

function hex(codePoint: number): string {
  return codePoint.toString(16).toUpperCase().padStart(4, '0');
}

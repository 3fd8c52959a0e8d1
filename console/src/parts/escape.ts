/** A piece of text as it is, or one character that must be seen rather than obeyed. */
export type Piece = { kind: 'text'; text: string } | { kind: 'escape'; text: string; codePoint: number };

/**
 * Characters that hide, reorder or forge text: controls, formats (zero-width, bidirectional, tags), halves of
 * surrogate pairs, line separators, and letters that are blank.
 */
const HIDDEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]|\u034f|\u115f|\u1160|\u17b4|\u17b5|\u3164|\uffa0/gu;

const SHORT: Record<number, string> = { 9: '\\t', 10: '\\n', 13: '\\r', 27: '\\e', 0: '\\0' };

/** Returns the text cut into what may be shown as it is and what must be spelled out. */
export function pieces(text: string): Piece[] {
  const cut: Piece[] = [];
  let shown = 0;
  for (const match of text.matchAll(HIDDEN)) {
    if (match.index > shown) cut.push({ kind: 'text', text: text.slice(shown, match.index) });
    const codePoint = match[0].codePointAt(0) ?? 0;
    cut.push({ kind: 'escape', text: spelled(codePoint), codePoint });
    shown = match.index + match[0].length;
  }
  if (shown < text.length) cut.push({ kind: 'text', text: text.slice(shown) });
  return cut;
}

/** Returns the text with every hidden character spelled out, for titles and names of parts. */
export function spelledOut(text: string): string {
  return pieces(text)
    .map((piece) => piece.text)
    .join('');
}

function spelled(codePoint: number): string {
  return SHORT[codePoint] ?? `\\u${codePoint.toString(16).padStart(4, '0')}`;
}

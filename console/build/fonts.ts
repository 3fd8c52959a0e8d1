import type { Plugin } from 'vite';

/** The first code point of the supplementary planes' ideographs, which hardly any log line holds. */
const FIRST_RARE_IDEOGRAPH = 0x20000;

/**
 * Keeps of the bundled fonts what a current browser needs: woff2 only, and no faces that hold nothing but
 * rare ideographs (the system's own font draws those).
 */
export function leanFonts(): Plugin {
  return {
    name: 'sekisho-lean-fonts',
    enforce: 'pre',
    transform(code, id) {
      if (!id.includes('@fontsource') || !id.endsWith('.css')) return null;
      const faces = code.match(/@font-face\s*\{[^}]*\}/g) ?? [];
      return faces
        .filter((face) => !isRare(face))
        .map((face) => face.replace(/,\s*url\([^)]*\.woff\)\s*format\('woff'\)/g, ''))
        .join('\n');
    },
  };
}

function isRare(face: string): boolean {
  const ranges = /unicode-range:\s*([^;]+);/.exec(face)?.[1];
  if (ranges === undefined) return false;
  return ranges.split(',').every((range) => {
    const first = Number.parseInt(range.trim().replace(/^U\+/i, ''), 16);
    return first >= FIRST_RARE_IDEOGRAPH;
  });
}

import type { Plugin } from 'vite';

/** The first code point of the supplementary planes' ideographs, which hardly any log line holds. */
const FIRST_RARE_IDEOGRAPH = 0x20000;

/** The style sheets that hold a weight's every face; those named by script hold only that script's. */
const EVERY_FACE = /\/\d00\.css$/;

/**
 * Keeps of the bundled fonts what a current browser needs: woff2 only, and no faces that hold nothing but
 * rare ideographs (the system's own font draws those).
 *
 * The Japanese slices get a family name of their own, so that Latin letters, which are in some slices too, keep
 * coming from the Latin face that the first screen has loaded already.
 */
export function leanFonts(): Plugin {
  return {
    name: 'sekisho-lean-fonts',
    enforce: 'pre',
    transform(code, id) {
      if (!id.includes('@fontsource') || !id.endsWith('.css')) return null;
      const faces = (code.match(/\/\* [^*]* \*\/\s*@font-face\s*\{[^}]*\}/g) ?? []).map(withoutWoff);
      if (!EVERY_FACE.test(id)) return faces.join('\n');
      return faces
        .filter((face) => isSlice(face) && !isRare(face))
        .map((face) => face.replace("'IBM Plex Sans JP'", "'IBM Plex Sans JP Slices'"))
        .join('\n');
    },
  };
}

function withoutWoff(face: string): string {
  return face.replace(/,\s*url\([^)]*\.woff\)\s*format\('woff'\)/g, '');
}

// Slices are numbered (`ibm-plex-sans-jp-[17]-400-normal`); the others are whole scripts.
function isSlice(face: string): boolean {
  return /^\/\* [a-z-]+-\[\d+\]-/.test(face);
}

function isRare(face: string): boolean {
  const ranges = /unicode-range:\s*([^;]+);/.exec(face)?.[1];
  if (ranges === undefined) return false;
  return ranges.split(',').every((range) => {
    const first = Number.parseInt(range.trim().replace(/^U\+/i, ''), 16);
    return first >= FIRST_RARE_IDEOGRAPH;
  });
}

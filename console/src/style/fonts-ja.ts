// Japanese faces, in slices that the browser fetches only for characters on the page.
import '@fontsource/ibm-plex-sans-jp/400.css';
import '@fontsource/ibm-plex-sans-jp/600.css';

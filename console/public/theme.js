// Runs before the first paint, as a file of its own because the content security policy allows no inline
// script: a theme that is set later would flash.
(() => {
  const root = document.documentElement;
  try {
    const theme = localStorage.getItem('sekisho.theme');
    if (theme === 'light' || theme === 'dark') root.dataset.theme = theme;
    const asked = new URLSearchParams(location.search).get('lang');
    const lang = asked || localStorage.getItem('sekisho.lang') || navigator.language;
    root.lang = lang.startsWith('ja') ? 'ja' : 'en';
  } catch {
    // Storage may be refused by the browser; the system's theme and English remain.
  }
})();

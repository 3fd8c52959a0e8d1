/** The mark of Sekisho: a gate across a road, cut into a square seal. */
export function Mark() {
  return (
    <svg viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path
        fill="currentcolor"
        fillRule="evenodd"
        d="M2 2h20v20H2zM5 6v2h2v11h2v-6h2v6h2v-6h2v6h2V8h2V6zm4 2h6v3H9z"
      />
    </svg>
  );
}

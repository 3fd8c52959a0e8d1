/** What the store covers, by org, table and day. */
export default function CoveragePage() {
  return <p>coverage</p>;
}

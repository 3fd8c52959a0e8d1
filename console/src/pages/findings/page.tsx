/** What rules, indicators and allow-lists found. */
export default function FindingsPage() {
  return <p>findings</p>;
}

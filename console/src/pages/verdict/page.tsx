/** The verdict sheet, the first screen. */
export default function VerdictPage() {
  return <p>verdict</p>;
}

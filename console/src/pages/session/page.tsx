/** The session tree, and the list of sessions. */
export default function SessionPage() {
  return <p>session</p>;
}

/** Every component in its states. */
export default function ComponentsPage() {
  return <p>components</p>;
}

/** The tables of the store. */
export default function TablesPage() {
  return <p>tables</p>;
}

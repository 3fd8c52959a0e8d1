/** The event search. */
export default function EventsPage() {
  return <p>events</p>;
}

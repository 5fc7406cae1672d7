/** What happens, as it happens; the newest of the log until something does. */
import { Link } from "react-router";

import { useEvents } from "../../api/queries.ts";
import { Person } from "../../components/person.tsx";
import { Ago } from "../../components/time.tsx";
import { Card, StatusTag, ui } from "../../components/ui.tsx";
import { words } from "../../lib/format.ts";
import { type Event, useFeed } from "../../lib/stream.ts";
import { text } from "../../text.ts";
import css from "./page.module.css";

const SHOWN = 14;

export function Line({ event }: { event: Event }) {
  const why = event.error_class ?? event.reason;
  return (
    <li>
      <div className={css.line}>
        {event.action} <Person name={event.target_username ?? null} />
      </div>
      <StatusTag status={event.status} />
      <div className={css.under}>
        {event.account_id}
        {why != null && ` · ${words(why)}`}
      </div>
      <div className={`${css.under} ${css.when}`}>
        <Ago at={event.ts} />
      </div>
    </li>
  );
}

export function Feed() {
  const live = useFeed();
  const before = useEvents({}, SHOWN);
  const known = new Set(live.map(({ id }) => id));
  const past = (before.data?.items ?? []).filter(({ id }) => !known.has(id));
  const events = [...live, ...past].slice(0, SHOWN);
  return (
    <Card
      title={
        <>
          <span className={css.pulse} aria-hidden />
          {text.overview.feed}
        </>
      }
      aside={<Link to="/interactions?live=1">{text.overview.feedAll}</Link>}
    >
      {events.length === 0 ? (
        <p className={ui.soft}>{text.overview.feedEmpty}</p>
      ) : (
        <ol className={css.feed} tabIndex={0} aria-label={text.overview.feed}>
          {events.map((event) => (
            <Line key={event.id} event={event} />
          ))}
        </ol>
      )}
    </Card>
  );
}

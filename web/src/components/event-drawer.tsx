/** Everything about one event: what happened before and after it, and its place in the chain. */
import { Drawer } from "@mantine/core";
import { useRef } from "react";
import { Link } from "react-router";

import { useEvents } from "../api/queries.ts";
import type { EventQuery } from "../lib/filters.ts";
import { milliseconds, number, words } from "../lib/format.ts";
import type { Event } from "../lib/stream.ts";
import { text } from "../text.ts";
import css from "./event-table.module.css";
import { Person } from "./person.tsx";
import { Ago, Moment } from "./time.tsx";
import { StatusTag, ui } from "./ui.tsx";

const say = text.interactions;
const STORY = 20;

function Story({ event, onOpen }: { event: Event; onOpen: (event: Event) => void }) {
  const query: EventQuery = { account_id: event.account_id, action: event.action, order: "oldest" };
  if (event.target_username != null) query.target_username = event.target_username;
  const story = useEvents(query, STORY);
  // Erased people have no story: nothing says any more which events were about them.
  const items = event.target_username == null ? [event] : (story.data?.items ?? [event]);
  return (
    <section className={css.section}>
      <h3>{say.story}</h3>
      <p className={ui.soft}>{say.storyNote}</p>
      <ol className={css.story}>
        {items.map((each) => (
          <li key={each.id} aria-current={each.id === event.id ? "true" : undefined}>
            <button type="button" className={css.open} onClick={() => onOpen(each)}>
              <Moment at={each.ts} />
            </button>{" "}
            <StatusTag status={each.status} />
            <div className={ui.soft}>
              {each.reason != null && words(each.reason)}
              {each.error_class != null && ` (${words(each.error_class)})`}
            </div>
          </li>
        ))}
      </ol>
    </section>
  );
}

function Details({ event, onOpen }: { event: Event; onOpen: (event: Event) => void }) {
  const facts: [string, React.ReactNode][] = [
    [say.time, <Ago key="ts" at={event.ts} />],
    [
      say.account,
      <Link key="account" to={`/accounts/${encodeURIComponent(event.account_id)}`}>
        {event.account_id}
      </Link>,
    ],
    [say.target, <Person key="person" name={event.target_username ?? null} />],
    [say.action, event.action],
    [say.status, <StatusTag key="status" status={event.status} />],
    [say.reason, event.reason == null ? null : words(event.reason)],
    [say.error, event.error_class == null ? null : words(event.error_class)],
    [say.latency, event.latency_ms == null ? null : milliseconds(event.latency_ms)],
    [say.task, event.task_id],
    [say.device, event.device_id],
    [say.session, event.session_id],
  ];
  const chain: [string, string][] = [
    [say.hash, event.hash],
    [say.before, event.prev_hash],
    [say.commitment, event.target_ref],
    [say.id, event.id],
    [say.claim, event.claim_id ?? say.noClaim],
  ];
  return (
    <>
      <dl className={ui.facts}>
        {facts
          .filter(([, value]) => value != null)
          .map(([name, value]) => (
            <div key={name} style={{ display: "contents" }}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
      </dl>
      {event.target_username == null && <p className={ui.soft}>{say.erasedHint}</p>}
      <Story event={event} onOpen={onOpen} />
      <section className={css.section}>
        <h3>{say.chain}</h3>
        <p className={ui.soft}>{say.chainNote(event.seq)}</p>
        <dl className={ui.facts}>
          <dt>{say.number}</dt>
          <dd>{number(event.seq)}</dd>
          {chain.map(([name, value]) => (
            <div key={name} style={{ display: "contents" }}>
              <dt>{name}</dt>
              <dd className={ui.mono}>{value}</dd>
            </div>
          ))}
        </dl>
      </section>
      {Object.keys(event.metadata).length > 0 && (
        <section className={css.section}>
          <h3>{say.metadata}</h3>
          <pre className={`${css.json} ${ui.mono}`}>{JSON.stringify(event.metadata, null, 2)}</pre>
        </section>
      )}
    </>
  );
}

export default function EventDrawer({
  event,
  onClose,
  onOpen,
}: {
  event: Event | null;
  onClose: () => void;
  onOpen: (event: Event) => void;
}) {
  // What is shown stays while the drawer slides away.
  const shown = useRef(event);
  if (event !== null) shown.current = event;
  return (
    <Drawer
      opened={event !== null}
      onClose={onClose}
      position="right"
      size="lg"
      title={say.details}
      closeButtonProps={{ "aria-label": say.close }}
    >
      {shown.current !== null && <Details event={shown.current} onOpen={onOpen} />}
    </Drawer>
  );
}

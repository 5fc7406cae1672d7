/** The log: filtered, a hundred a page, followed live, and written out exactly as filtered. */
import { Button, Menu, Switch } from "@mantine/core";
import { useLocalStorage } from "@mantine/hooks";
import { IconColumns, IconDownload } from "@tabler/icons-react";
import { useCallback, useEffect, useRef, useState } from "react";
import { useLocation, useNavigate, useSearchParams } from "react-router";

import { useEvents } from "../../api/queries.ts";
import { type Column, COLUMNS, EventTable, USUAL } from "../../components/event-table.tsx";
import { Answer, Card, Empty, PageHead } from "../../components/ui.tsx";
import { exportAddress, FILTERS, readFilters } from "../../lib/filters.ts";
import type { Event } from "../../lib/stream.ts";
import { useStreamThrottled } from "../../lib/stream.ts";
import { text } from "../../text.ts";
import { type Change, FilterBar } from "./filter-bar.tsx";
import css from "./page.module.css";

const say = text.interactions;
const FORMATS = ["csv", "json", "jsonl"] as const;

/** Events that were not there a moment ago, while the log is followed. */
function useFresh(events: Event[] | undefined, following: boolean): ReadonlySet<string> {
  const known = useRef<Set<string> | null>(null);
  const [fresh, setFresh] = useState<ReadonlySet<string>>(new Set());
  useEffect(() => {
    if (events === undefined) return;
    const before = known.current;
    known.current = new Set(events.map(({ id }) => id));
    if (!following || before === null) return;
    const came = events.filter(({ id }) => !before.has(id)).map(({ id }) => id);
    if (came.length > 0) setFresh(new Set(came));
  }, [events, following]);
  return fresh;
}

function ColumnMenu({
  columns,
  choose,
}: {
  columns: Column[];
  choose: (columns: Column[]) => void;
}) {
  return (
    <Menu closeOnItemClick={false} position="bottom-end">
      <Menu.Target>
        <Button variant="default" size="xs" leftSection={<IconColumns size={15} aria-hidden />}>
          {say.columns}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {(Object.keys(COLUMNS) as Column[])
          // The time opens the details, so it stays.
          .filter((name) => name !== "ts")
          .map((name) => {
            const shown = columns.includes(name);
            return (
              <Menu.CheckboxItem
                key={name}
                checked={shown}
                onChange={() =>
                  choose(shown ? columns.filter((c) => c !== name) : [...columns, name])
                }
              >
                {COLUMNS[name]}
              </Menu.CheckboxItem>
            );
          })}
      </Menu.Dropdown>
    </Menu>
  );
}

export default function Interactions() {
  const [params, setParams] = useSearchParams();
  const navigate = useNavigate();
  const place = useLocation();
  const query = readFilters(params);
  const live = params.get("live") === "1" && query.cursor === undefined;
  const events = useEvents(query);
  const [columns, setColumns] = useLocalStorage<Column[]>({
    key: "decorum-columns",
    defaultValue: [...USUAL],
  });
  const fresh = useFresh(events.data?.items, live);
  useStreamThrottled(() => {
    if (live) void events.refetch();
  }, 700);

  const change: Change = useCallback(
    (by) => {
      // What stands in the address now, not when this was made: two changes may come at once.
      const next = new URLSearchParams(window.location.search);
      next.delete("cursor");
      for (const [name, value] of Object.entries(by)) {
        if (value === undefined) next.delete(name);
        else next.set(name, value);
      }
      setParams(next, { replace: true });
    },
    [setParams],
  );

  const page = (place.state as { page?: number } | null)?.page ?? 1;
  const next = events.data?.next_cursor ?? null;
  const filtered = FILTERS.some((name) => query[name] !== undefined);
  return (
    <>
      <PageHead title={text.pages.interactions} lead={say.lead} />
      <Card>
        <FilterBar query={query} change={change} />
        <div className={css.bar}>
          <Switch
            label={say.live}
            title={say.liveHint}
            checked={live}
            onChange={(event) => {
              const on = event.currentTarget.checked;
              setParams(
                (before) => {
                  const after = new URLSearchParams(before);
                  after.delete("cursor");
                  if (on) after.set("live", "1");
                  else after.delete("live");
                  return after;
                },
                { replace: true },
              );
            }}
          />
          <div className={css.end}>
            <ColumnMenu columns={columns} choose={setColumns} />
            <Menu position="bottom-end">
              <Menu.Target>
                <Button
                  variant="default"
                  size="xs"
                  leftSection={<IconDownload size={15} aria-hidden />}
                >
                  {say.export}
                </Button>
              </Menu.Target>
              <Menu.Dropdown>
                <Menu.Label>{say.exportHint}</Menu.Label>
                {FORMATS.map((format) => (
                  <Menu.Item
                    key={format}
                    component="a"
                    href={exportAddress(query, format)}
                    download
                  >
                    {format.toUpperCase()}
                  </Menu.Item>
                ))}
              </Menu.Dropdown>
            </Menu>
          </div>
        </div>
        <Answer of={events}>
          {({ items }) =>
            items.length === 0 ? (
              filtered ? (
                <Empty title={say.empty} body={say.emptyBody} />
              ) : (
                <Empty title={say.emptyAll} body={say.emptyAllBody} />
              )
            ) : (
              <div
                className={events.isPlaceholderData ? css.stale : ""}
                aria-busy={events.isPlaceholderData}
              >
                <EventTable events={items} columns={["ts", ...columns]} fresh={fresh} />
              </div>
            )
          }
        </Answer>
        <div className={css.pager}>
          <span aria-live="polite">
            {say.page(page)} · {say.count(events.data?.items.length ?? 0)}
          </span>
          {query.cursor !== undefined && (
            <Button variant="subtle" size="xs" onClick={() => change({})}>
              {say.first}
            </Button>
          )}
          <Button
            variant="default"
            size="xs"
            disabled={page <= 1}
            onClick={() => void navigate(-1)}
          >
            {say.previous}
          </Button>
          <Button
            variant="default"
            size="xs"
            disabled={next === null}
            onClick={() => {
              if (next === null) return;
              const after = new URLSearchParams(params);
              after.set("cursor", next);
              after.delete("live");
              setParams(after, { state: { page: page + 1 } });
            }}
          >
            {say.next}
          </Button>
        </div>
      </Card>
    </>
  );
}

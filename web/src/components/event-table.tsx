/** Events in rows: the columns are chosen by whoever looks, and a row opens its details. */
import { type ColumnDef, flexRender, getCoreRowModel, useReactTable } from "@tanstack/react-table";
import { lazy, Suspense, useMemo, useRef, useState } from "react";

import type { Event } from "../lib/stream.ts";
import { milliseconds, number, words } from "../lib/format.ts";
import { text } from "../text.ts";
import css from "./event-table.module.css";
import { Person } from "./person.tsx";
import { Moment } from "./time.tsx";
import { StatusTag, ui } from "./ui.tsx";

const EventDrawer = lazy(() => import("./event-drawer.tsx"));
const say = text.interactions;

/** Names of columns are the names of the API's fields. */
export const COLUMNS = {
  ts: say.time,
  account_id: say.account,
  target_username: say.target,
  action: say.action,
  status: say.status,
  reason: say.reason,
  error_class: say.error,
  task_id: say.task,
  device_id: say.device,
  session_id: say.session,
  latency_ms: say.latency,
  seq: say.number,
} as const;
export type Column = keyof typeof COLUMNS;

export const USUAL: readonly Column[] = [
  "ts",
  "account_id",
  "target_username",
  "action",
  "status",
  "reason",
  "latency_ms",
];

const NUMBERS: readonly Column[] = ["latency_ms", "seq"];
const LONG: readonly Column[] = ["task_id", "device_id", "session_id", "reason"];

function definitions(open: (event: Event) => void): ColumnDef<Event>[] {
  const cells: Record<Column, (event: Event) => React.ReactNode> = {
    ts: (e) => (
      <button type="button" className={css.open} onClick={() => open(e)}>
        <Moment at={e.ts} />
        <span className="visually-hidden">
          , {say.open(e.target_username ?? say.erased, e.action)}
        </span>
      </button>
    ),
    account_id: (e) => e.account_id,
    target_username: (e) => <Person name={e.target_username ?? null} />,
    action: (e) => e.action,
    status: (e) => <StatusTag status={e.status} />,
    // A failure has no reason of ours; then it is the trouble that says why.
    reason: (e) => words(e.reason ?? e.error_class ?? ""),
    error_class: (e) => (e.error_class == null ? "" : words(e.error_class)),
    task_id: (e) => e.task_id ?? "",
    device_id: (e) => e.device_id ?? "",
    session_id: (e) => e.session_id ?? "",
    latency_ms: (e) => (e.latency_ms == null ? "" : milliseconds(e.latency_ms)),
    seq: (e) => number(e.seq),
  };
  return (Object.keys(COLUMNS) as Column[]).map((name) => ({
    id: name,
    header: COLUMNS[name],
    cell: ({ row }) => cells[name](row.original),
  }));
}

function classOf(column: string): string {
  if (NUMBERS.includes(column as Column)) return ui.num ?? "";
  return LONG.includes(column as Column) ? (css.wrap ?? "") : "";
}

export function EventTable({
  events,
  columns,
  fresh,
}: {
  events: Event[];
  columns: readonly Column[];
  /** Events that have just come. */
  fresh?: ReadonlySet<string>;
}) {
  const [open, setOpen] = useState<Event | null>(null);
  const opened = useRef(false);
  opened.current ||= open !== null;
  const defs = useMemo(() => definitions(setOpen), []);
  const columnVisibility = Object.fromEntries(
    Object.keys(COLUMNS).map((name) => [name, columns.includes(name as Column)]),
  );
  const table = useReactTable({
    data: events,
    columns: defs,
    state: { columnVisibility },
    getCoreRowModel: getCoreRowModel(),
    getRowId: (event) => event.id,
  });
  return (
    <>
      <div
        className={ui.tableScroll}
        tabIndex={0}
        role="region"
        aria-label={text.pages.interactions}
      >
        <table className={ui.table}>
          <thead>
            {table.getHeaderGroups().map((group) => (
              <tr key={group.id}>
                {group.headers.map((header) => (
                  <th key={header.id} scope="col" className={classOf(header.column.id)}>
                    {flexRender(header.column.columnDef.header, header.getContext())}
                  </th>
                ))}
              </tr>
            ))}
          </thead>
          <tbody>
            {table.getRowModel().rows.map((row) => (
              <tr
                key={row.id}
                className={`${css.row} ${fresh?.has(row.id) ? css.fresh : ""}`}
                onClick={(click) => {
                  // Links and buttons in a row do what they say.
                  if ((click.target as HTMLElement).closest("a, button") === null) {
                    setOpen(row.original);
                  }
                }}
              >
                {row.getVisibleCells().map((cell) => (
                  <td key={cell.id} className={classOf(cell.column.id)}>
                    {flexRender(cell.column.columnDef.cell, cell.getContext())}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {opened.current && (
        <Suspense>
          <EventDrawer event={open} onClose={() => setOpen(null)} onOpen={setOpen} />
        </Suspense>
      )}
    </>
  );
}

/** The filters of the log: in the URL by the names that the API has. */

export const ACTIONS = ["follow", "like", "comment", "view"] as const;
export const STATUSES = ["success", "failed", "skipped", "retry", "dedupe_hit"] as const;
export const ERROR_CLASSES = [
  "rate_limited",
  "action_blocked",
  "challenge",
  "logged_out",
  "account_suspended",
  "private_account",
  "target_unavailable",
  "network",
  "app",
  "device",
  "unknown",
] as const;

export type Action = (typeof ACTIONS)[number];
export type Status = (typeof STATUSES)[number];
export type ErrorClass = (typeof ERROR_CLASSES)[number];

export interface EventQuery {
  account_id?: string;
  target_username?: string;
  action?: Action;
  status?: Status;
  error_class?: ErrorClass;
  task_id?: string;
  device_id?: string;
  from?: string;
  to?: string;
  order?: "newest" | "oldest";
  cursor?: string;
}

/** Everything that says which events; the cursor only says which page of them. */
export const FILTERS = [
  "account_id",
  "target_username",
  "action",
  "status",
  "error_class",
  "task_id",
  "device_id",
  "from",
  "to",
] as const;

/** Reads the query of a page's address; what is not a filter is left alone. */
export function readFilters(params: URLSearchParams): EventQuery {
  const query: Record<string, string> = {};
  for (const name of [...FILTERS, "order", "cursor"]) {
    const value = params.get(name);
    if (value !== null && value !== "") query[name] = value;
  }
  return query as EventQuery;
}

/** The same filters as a query for the export: every page of them, in the same order. */
export function exportAddress(query: EventQuery, format: "csv" | "json" | "jsonl"): string {
  const params = new URLSearchParams({ format });
  for (const name of FILTERS) {
    const value = query[name];
    if (value !== undefined) params.set(name, value);
  }
  params.set("order", query.order ?? "newest");
  return `/api/interactions/export?${params.toString()}`;
}

/** An instant as `<input type="datetime-local">` shows it, in the reader's time zone. */
export function toLocalInput(iso: string | undefined): string {
  if (iso === undefined) return "";
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return "";
  const two = (n: number) => String(n).padStart(2, "0");
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${day}T${two(at.getHours())}:${two(at.getMinutes())}`;
}

export function fromLocalInput(value: string): string | undefined {
  const at = new Date(value);
  return value === "" || Number.isNaN(at.getTime()) ? undefined : at.toISOString();
}

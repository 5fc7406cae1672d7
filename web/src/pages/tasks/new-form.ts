/** A task as it is typed, and the request it makes. The server says what is wrong with it. */
import type { TaskRequest } from "../../api/work.ts";
import { fromLocalInput, type Action } from "../../lib/filters.ts";

export const SOURCES = ["list", "followers_of", "following_of", "likers_of", "hashtag"] as const;
export type SourceKind = (typeof SOURCES)[number];
export const SCHEDULES = ["now", "once", "daily", "cron"] as const;
export type ScheduleKind = (typeof SCHEDULES)[number];

export interface Form {
  kind: "engage" | "crawl";
  account: string;
  actions: Action[];
  source: SourceKind;
  whom: string;
  targets: string;
  limit: string;
  comments: string;
  dry: boolean;
  name: string;
  priority: string;
  skip_private: boolean;
  skip_following: boolean;
  min_followers: string;
  max_followers: string;
  bio_excludes: string;
  bio_includes_any: string;
  schedule: ScheduleKind;
  at: string;
  time: string;
  expr: string;
  time_zone: string;
}

export const EMPTY: Form = {
  kind: "engage",
  account: "",
  actions: ["follow"],
  source: "list",
  whom: "",
  targets: "",
  limit: "",
  comments: "",
  dry: false,
  name: "",
  priority: "0",
  skip_private: false,
  skip_following: false,
  min_followers: "",
  max_followers: "",
  bio_excludes: "",
  bio_includes_any: "",
  schedule: "now",
  at: "",
  time: "09:30",
  expr: "30 9 * * 1-5",
  time_zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
};

function list(text: string): string[] {
  return text
    .split(/[\n,]/)
    .map((part) => part.trim())
    .filter((part) => part !== "");
}

export function targetsOf(form: Form): string[] {
  return list(form.targets.replaceAll(/[;\t ]+/g, "\n"));
}

function whole(text: string): number | null {
  return /^-?\d{1,9}$/.test(text.trim()) ? Number(text) : null;
}

function schedule(form: Form): Record<string, string> | null {
  switch (form.schedule) {
    case "now":
      return null;
    case "once":
      return { kind: "once", at: fromLocalInput(form.at) ?? "" };
    case "daily":
      return { kind: "daily", at: form.time, time_zone: form.time_zone };
    case "cron":
      return { kind: "cron", expr: form.expr, time_zone: form.time_zone };
  }
}

/** The request, or `null` while what every task needs is not there yet. */
export function toRequest(form: Form): TaskRequest | null {
  const engage = form.kind === "engage";
  const source = engage || form.source !== "list" ? form.source : "followers_of";
  const targets = targetsOf(form);
  if (form.account.trim() === "" || (engage && form.actions.length === 0)) return null;
  if (source === "list" ? targets.length === 0 : form.whom.trim() === "") return null;
  if (form.schedule === "once" && fromLocalInput(form.at) === undefined) return null;
  const whom = form.whom.trim().replace(/^[@#]/, "");
  const when = schedule(form);
  return {
    kind: form.kind,
    account_id: form.account.trim(),
    source:
      source === "list"
        ? { kind: source }
        : source === "hashtag"
          ? { kind: source, hashtag: whom }
          : { kind: source, username: whom },
    ...(source === "list" ? { targets } : {}),
    ...(engage ? { actions: form.actions, dry_run: form.dry } : {}),
    ...(engage && form.actions.includes("comment")
      ? {
          comments: form.comments
            .split("\n")
            .map((line) => line.trim())
            .filter((line) => line !== ""),
        }
      : {}),
    limit: whole(form.limit),
    priority: whole(form.priority) ?? 0,
    filters: {
      skip_private: form.skip_private,
      skip_following: form.skip_following,
      min_followers: whole(form.min_followers),
      max_followers: whole(form.max_followers),
      bio_excludes: list(form.bio_excludes),
      bio_includes_any: list(form.bio_includes_any),
    },
    ...(form.name.trim() === "" ? {} : { name: form.name.trim() }),
    // The description has no fields for it; the server reads it strictly.
    ...(when === null ? {} : { schedule: when as never }),
  };
}

/** What the pages know of the server, one hook a resource. Nothing is kept that the server holds. */
import {
  keepPreviousData,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
} from "@tanstack/react-query";

import { syncClock } from "../lib/clock.ts";
import type { EventQuery } from "../lib/filters.ts";
import { answer, api, proveWith, type Schema } from "./client.ts";
import type { paths } from "./schema.d.ts";

/** Accounts change without an event when a wait is over or a person acts elsewhere. */
const OFTEN = 5_000;
const SELDOM = 60_000;

export type Session = Schema["Session"];
export type AccountState = Schema["AccountState"];
export type Settings = Schema["Settings"];
export type Metrics = paths["/api/metrics"]["get"]["responses"][200]["content"]["application/json"];

export function useSession() {
  return useQuery({
    queryKey: ["session"],
    queryFn: async ({ signal }) => {
      const session = await answer(api.GET("/api/session", { signal }));
      proveWith(session.csrf_token ?? null);
      return session;
    },
    staleTime: Number.POSITIVE_INFINITY,
  });
}

export function useLogin() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (token: string) => answer(api.POST("/api/login", { body: { token } })),
    onSuccess: (session) => {
      proveWith(session.csrf_token ?? null);
      client.setQueryData(["session"], session);
      // What somebody else saw is nobody's business now.
      client.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== "session" });
    },
  });
}

export function useLogout() {
  return useMutation({
    mutationFn: async () => {
      await answer(api.POST("/api/logout"));
      proveWith(null);
      location.assign("/");
    },
  });
}

export function useClock() {
  return useQuery({
    queryKey: ["clock"],
    queryFn: async ({ signal }) => {
      const asked = performance.now();
      const clock = await answer(api.GET("/api/clock", { signal }));
      syncClock(clock.now, asked);
      return clock;
    },
    refetchInterval: SELDOM / 2,
    refetchOnWindowFocus: "always",
  });
}

export function useConfirmClock() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => answer(api.POST("/api/clock/confirm")),
    onSettled: () => client.invalidateQueries({ queryKey: ["clock"] }),
  });
}

export function useAccounts() {
  return useQuery({
    queryKey: ["accounts"],
    queryFn: ({ signal }) => answer(api.GET("/api/accounts/states", { signal })),
    select: (page) => page.items,
    refetchInterval: OFTEN,
  });
}

/** What a person does to an account; the note goes to the admin log. */
export function useAccountAct(act: "halt" | "clear") {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ account_id, note }: { account_id: string; note: string }) => {
      const asked = { params: { path: { account_id } }, body: { note } };
      return answer(
        act === "halt"
          ? api.POST("/api/accounts/{account_id}/halt", asked)
          : api.POST("/api/accounts/{account_id}/clear", asked),
      );
    },
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ["admin-log"] });
      return client.invalidateQueries({ queryKey: ["accounts"] });
    },
  });
}

export interface MetricsAsked {
  readonly account_id?: string;
  readonly from?: string;
  readonly to?: string;
  readonly step: "hour" | "day";
}

/** `asked` says the beginning anew each time, so that a page left open moves on. */
export function useMetrics(key: readonly unknown[], asked: () => MetricsAsked) {
  return useQuery({
    queryKey: ["metrics", ...key],
    queryFn: ({ signal }) =>
      answer(api.GET("/api/metrics", { signal, params: { query: asked() } })),
    refetchInterval: 30_000,
    placeholderData: keepPreviousData,
  });
}

export function useEvents(query: EventQuery, limit = 100) {
  return useQuery({
    queryKey: ["events", query, limit],
    queryFn: ({ signal }) =>
      answer(
        api.GET("/api/interactions/events", { signal, params: { query: { ...query, limit } } }),
      ),
    placeholderData: keepPreviousData,
  });
}

export interface VersionedSettings {
  readonly etag: string;
  readonly settings: Settings;
}

async function readSettings(signal?: AbortSignal): Promise<VersionedSettings> {
  const asked = api.GET("/api/settings", signal ? { signal } : {});
  const settings = await answer(asked);
  const { response } = await asked;
  return { etag: response.headers.get("ETag") ?? "", settings };
}

export function useSettings() {
  return useQuery({
    queryKey: ["settings"],
    queryFn: ({ signal }) => readSettings(signal),
    refetchInterval: SELDOM,
  });
}

export function useSaveSettings() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async ({ etag, settings }: VersionedSettings): Promise<VersionedSettings> => {
      const asked = api.PUT("/api/settings", {
        params: { header: { "If-Match": etag } },
        body: settings,
      });
      const saved = await answer(asked);
      const { response } = await asked;
      return { etag: response.headers.get("ETag") ?? "", settings: saved };
    },
    onSuccess: (saved) => {
      client.setQueryData(["settings"], saved);
      void client.invalidateQueries({ queryKey: ["admin-log"] });
    },
    onError: () => client.invalidateQueries({ queryKey: ["settings"] }),
  });
}

export function useTarget(name: string) {
  return useQuery({
    queryKey: ["target", name],
    queryFn: ({ signal }) =>
      answer(
        api.GET("/api/targets/{target_username}", {
          signal,
          params: { path: { target_username: name }, query: { limit: 100 } },
        }),
      ),
    enabled: name !== "",
  });
}

/** Everybody who must never be contacted. */
export function useSuppressions() {
  return useInfiniteQuery({
    queryKey: ["suppressions"],
    initialPageParam: null as string | null,
    queryFn: ({ signal, pageParam }) =>
      answer(
        api.GET("/api/suppressions", {
          signal,
          params: { query: { limit: 50, ...(pageParam === null ? {} : { cursor: pageParam }) } },
        }),
      ),
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });
}

export function useSuppress() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ targets, note }: { targets: string[]; note: string }) =>
      answer(
        api.POST("/api/suppressions", {
          body: { targets, ...(note === "" ? {} : { note }) },
        }),
      ),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ["suppressions"] });
      return client.invalidateQueries({ queryKey: ["target"] });
    },
  });
}

export function useErase() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (name: string) =>
      answer(
        api.DELETE("/api/targets/{target_username}", {
          params: { path: { target_username: name } },
        }),
      ),
    onSuccess: () => client.invalidateQueries(),
  });
}

export function verify(account_id: string | null, signal: AbortSignal) {
  const query = account_id === null ? {} : { account_id };
  return answer(api.GET("/api/audit/verify", { signal, params: { query } }));
}

export function useAdminLog() {
  return useInfiniteQuery({
    queryKey: ["admin-log"],
    initialPageParam: null as string | null,
    queryFn: ({ signal, pageParam }) =>
      answer(
        api.GET("/api/admin-log", {
          signal,
          params: { query: { limit: 50, ...(pageParam === null ? {} : { cursor: pageParam }) } },
        }),
      ),
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });
}

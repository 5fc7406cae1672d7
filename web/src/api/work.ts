/** Tasks, phones and alerts: what the accounts are to do, on what, and who has to look. */
import {
  type InfiniteData,
  keepPreviousData,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
} from "@tanstack/react-query";

import { useTold } from "../lib/stream.ts";
import { answer, api, type Schema } from "./client.ts";
import type { paths } from "./schema.d.ts";

export type Task = Schema["Task"];
export type TaskRequest = Schema["TaskRequest"];
export type TaskState = Task["state"];
export type Alert = Schema["Alert"];
type Devices = paths["/api/devices"]["get"]["responses"][200]["content"]["application/json"];
/** A phone, with what belongs to its state. */
export type Device = Devices["items"][number] & {
  readonly task?: string;
  readonly since?: string;
  readonly why?: string;
  readonly failures?: number;
};
type Candidates =
  paths["/api/tasks/{task_id}/candidates"]["get"]["responses"][200]["content"]["application/json"];
/** A person of a task, with what belongs to what became of them. */
export type Candidate = Candidates["items"][number] & {
  readonly status?: string;
  readonly reason?: string | null;
  readonly note?: string | null;
};

const OFTEN = 3_000;
/** What the stream tells of is asked for only in case it was missed. */
const SELDOM = 15_000;

export interface TaskQuery {
  account_id?: string;
  state?: TaskState;
}

export function useTasks(query: TaskQuery) {
  return useInfiniteQuery({
    queryKey: ["tasks", query],
    initialPageParam: null as string | null,
    queryFn: ({ signal, pageParam }) =>
      answer(
        api.GET("/api/tasks", {
          signal,
          params: {
            query: { ...query, limit: 50, ...(pageParam === null ? {} : { cursor: pageParam }) },
          },
        }),
      ),
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    refetchInterval: SELDOM,
    placeholderData: keepPreviousData,
  });
}

type TaskPages = InfiniteData<Schema["Tasks"]>;

/** Keeps what the pages know of tasks and alerts as the server tells of them. */
export function useFollowWork(): void {
  const client = useQueryClient();
  useTold("task", (task) => {
    client.setQueryData<Task>(["task", task.id], (known) =>
      known === undefined || known.rev > task.rev ? known : task,
    );
    void client.invalidateQueries({ queryKey: ["candidates", task.id] });
    client.setQueriesData<TaskPages>({ queryKey: ["tasks"] }, (known) =>
      known === undefined
        ? known
        : {
            ...known,
            pages: known.pages.map((page) => ({
              ...page,
              items: page.items.map((each) =>
                each.id === task.id && each.rev <= task.rev ? task : each,
              ),
            })),
          },
    );
    // Whether it belongs on a list, and where, the server says.
    void client.invalidateQueries({ queryKey: ["tasks"] }, { cancelRefetch: false });
  });
  useTold("alert", () => void client.invalidateQueries({ queryKey: ["alerts"] }));
}

export function useTask(task_id: string) {
  return useQuery({
    queryKey: ["task", task_id],
    queryFn: ({ signal }) =>
      answer(api.GET("/api/tasks/{task_id}", { signal, params: { path: { task_id } } })),
    refetchInterval: SELDOM,
  });
}

export function useCandidates(task_id: string, open: boolean, cursor: string | null) {
  return useQuery({
    queryKey: ["candidates", task_id, open, cursor],
    queryFn: ({ signal }) =>
      answer(
        api.GET("/api/tasks/{task_id}/candidates", {
          signal,
          params: {
            path: { task_id },
            query: {
              limit: 100,
              ...(open ? { open: "true" as const } : {}),
              ...(cursor === null ? {} : { cursor }),
            },
          },
        }),
      ),
    refetchInterval: OFTEN,
    placeholderData: keepPreviousData,
  });
}

export type TaskAct = "pause" | "resume" | "cancel";

function useRefresh() {
  const client = useQueryClient();
  return () => {
    void client.invalidateQueries({ queryKey: ["tasks"] });
    void client.invalidateQueries({ queryKey: ["task"] });
    void client.invalidateQueries({ queryKey: ["admin-log"] });
  };
}

export function useTaskAct() {
  return useMutation({
    mutationFn: ({ task_id, act }: { task_id: string; act: TaskAct }) => {
      const asked = { params: { path: { task_id } } };
      if (act === "pause") return answer(api.POST("/api/tasks/{task_id}/pause", asked));
      if (act === "resume") return answer(api.POST("/api/tasks/{task_id}/resume", asked));
      return answer(api.POST("/api/tasks/{task_id}/cancel", asked));
    },
    onSettled: useRefresh(),
  });
}

export function useMoveTask() {
  return useMutation({
    mutationFn: ({ task_id, priority, ord }: { task_id: string; priority: number; ord: number }) =>
      answer(
        api.POST("/api/tasks/{task_id}/order", {
          params: { path: { task_id } },
          body: { priority, ord },
        }),
      ),
    onSettled: useRefresh(),
  });
}

/** A key of our own, so that a request sent twice is one task. */
export function freshKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function useCreateTask() {
  return useMutation({
    mutationFn: ({ request, key }: { request: TaskRequest; key: string }) =>
      answer(
        api.POST("/api/tasks", {
          params: { header: { "Idempotency-Key": key } },
          body: request,
        }),
      ),
    onSettled: useRefresh(),
  });
}

export function useCloneTask() {
  return useMutation({
    mutationFn: (task_id: string) =>
      answer(
        api.POST("/api/tasks/{task_id}/clone", {
          params: { path: { task_id }, header: { "Idempotency-Key": freshKey() } },
        }),
      ),
    onSettled: useRefresh(),
  });
}

/** What a task would do; also who finds what is wrong with it. */
export function usePreview(request: TaskRequest | null) {
  return useQuery({
    queryKey: ["preview", request],
    queryFn: ({ signal }) =>
      answer(api.POST("/api/tasks/preview", { signal, body: request as TaskRequest })),
    enabled: request !== null,
    retry: false,
  });
}

export function useDevices() {
  return useQuery({
    queryKey: ["devices"],
    queryFn: async ({ signal }) => {
      const page = await answer(api.GET("/api/devices", { signal }));
      return page.items as Device[];
    },
    refetchInterval: OFTEN,
  });
}

export type DeviceRequest = Schema["DeviceRequest"];

export function usePutDevice() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ device_id, request }: { device_id: string; request: DeviceRequest }) =>
      answer(
        api.PUT("/api/devices/{device_id}", { params: { path: { device_id } }, body: request }),
      ),
    onSettled: () => client.invalidateQueries({ queryKey: ["devices"] }),
  });
}

/** Adds a phone, or changes its entry; the server says what it is called. */
export function useAddDevice() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (request: DeviceRequest) => answer(api.POST("/api/devices", { body: request })),
    onSettled: () => client.invalidateQueries({ queryKey: ["devices"] }),
  });
}

export type DeviceTest = Schema["DeviceTest"];
export type DeviceScreen = Schema["DeviceScreen"];
export type DeviceElement = Schema["DeviceElement"];

export function useTestDevice() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (device_id: string) =>
      answer(api.POST("/api/devices/{device_id}/test", { params: { path: { device_id } } })),
    onSettled: () => client.invalidateQueries({ queryKey: ["devices"] }),
  });
}

/** What the phone showed last; `taken` is when, so that a newer picture is asked for anew. */
export function useScreen(device_id: string, taken: string | null) {
  return useQuery({
    queryKey: ["screen", device_id, taken],
    queryFn: ({ signal }) =>
      answer(
        api.GET("/api/devices/{device_id}/screen", { signal, params: { path: { device_id } } }),
      ),
    enabled: taken !== null,
    placeholderData: keepPreviousData,
  });
}

export function useLook() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (device_id: string) =>
      answer(api.POST("/api/devices/{device_id}/look", { params: { path: { device_id } } })),
    onSettled: () => client.invalidateQueries({ queryKey: ["devices"] }),
  });
}

/** Where a picture is; its time keeps a browser from showing an older one. */
export function pictureOf(device_id: string, taken_at: string): string {
  const query = new URLSearchParams({ taken_at });
  return `/api/devices/${encodeURIComponent(device_id)}/screenshot?${query}`;
}

export function useRemoveDevice() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (device_id: string) =>
      answer(api.DELETE("/api/devices/{device_id}", { params: { path: { device_id } } })),
    onSettled: () => client.invalidateQueries({ queryKey: ["devices"] }),
  });
}

export function useAlerts() {
  return useQuery({
    queryKey: ["alerts"],
    queryFn: ({ signal }) =>
      answer(api.GET("/api/alerts", { signal, params: { query: { open: "true", limit: 50 } } })),
    select: (page) => page.items,
    refetchInterval: SELDOM,
  });
}

export function useCloseAlert() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (alert_id: string) =>
      answer(api.POST("/api/alerts/{alert_id}/close", { params: { path: { alert_id } } })),
    onSettled: () => client.invalidateQueries({ queryKey: ["alerts"] }),
  });
}

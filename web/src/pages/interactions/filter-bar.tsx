/** All filters of the API. Each is in the URL the moment it is chosen. */
import { Button, NativeSelect, TextInput } from "@mantine/core";
import { IconFilter } from "@tabler/icons-react";
import { useEffect, useState } from "react";

import { useAccounts } from "../../api/queries.ts";
import {
  ACTIONS,
  ERROR_CLASSES,
  type EventQuery,
  FILTERS,
  fromLocalInput,
  STATUSES,
  toLocalInput,
} from "../../lib/filters.ts";
import { words } from "../../lib/format.ts";
import { text } from "../../text.ts";
import css from "./page.module.css";

const say = text.interactions;
/** How long typing must pause before it is asked for. */
const PAUSE_MS = 350;

export type Change = (change: Partial<Record<keyof EventQuery, string | undefined>>) => void;

/** A text that is asked for once typing pauses, or at once with Enter. */
function Typed({
  label,
  value,
  onSettle,
  list,
}: {
  label: string;
  value: string;
  onSettle: (value: string) => void;
  list?: string;
}) {
  const [typed, setTyped] = useState(value);
  useEffect(() => setTyped(value), [value]);
  useEffect(() => {
    if (typed.trim() === value) return undefined;
    const timer = setTimeout(() => onSettle(typed.trim()), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [typed, value, onSettle]);
  return (
    <TextInput
      label={label}
      value={typed}
      {...(list === undefined ? {} : { list })}
      onChange={(event) => setTyped(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key === "Enter") onSettle(typed.trim());
      }}
      autoComplete="off"
      spellCheck={false}
    />
  );
}

function Choice({
  label,
  value,
  of,
  shown,
  onChoose,
}: {
  label: string;
  value: string;
  of: readonly string[];
  shown?: (word: string) => string;
  onChoose: (value: string) => void;
}) {
  return (
    <NativeSelect
      label={label}
      value={value}
      onChange={(event) => onChoose(event.currentTarget.value)}
      data={[
        { value: "", label: say.any },
        ...of.map((word) => ({ value: word, label: shown?.(word) ?? words(word) })),
      ]}
    />
  );
}

export function FilterBar({ query, change }: { query: EventQuery; change: Change }) {
  const accounts = useAccounts().data ?? [];
  const [unfolded, setUnfolded] = useState(false);
  const active = FILTERS.filter((name) => query[name] !== undefined).length;
  const wrong =
    query.from !== undefined && query.to !== undefined && query.from >= query.to
      ? say.wrongTime
      : null;
  const [set] = useState(() => {
    const made: Partial<Record<keyof EventQuery, (value: string) => void>> = {};
    return (name: keyof EventQuery, by: Change) =>
      (made[name] ??= (value) => by({ [name]: value === "" ? undefined : value }));
  });
  return (
    <div role="search" aria-label={say.filters}>
      <Button
        className={css.toggle ?? ""}
        variant="default"
        size="xs"
        leftSection={<IconFilter size={15} aria-hidden />}
        aria-expanded={unfolded}
        onClick={() => setUnfolded(!unfolded)}
      >
        {say.filters}
        {active > 0 && ` (${active})`}
      </Button>
      <fieldset className={`${css.filters} ${unfolded ? "" : css.folded}`}>
        <legend className="visually-hidden">{say.filters}</legend>
        <Typed
          label={say.account}
          value={query.account_id ?? ""}
          onSettle={set("account_id", change)}
          list="accounts"
        />
        <datalist id="accounts">
          {accounts.slice(0, 500).map(({ account_id }) => (
            <option key={account_id} value={account_id} />
          ))}
        </datalist>
        <Typed
          label={say.target}
          value={query.target_username ?? ""}
          onSettle={set("target_username", change)}
        />
        <Choice
          label={say.action}
          value={query.action ?? ""}
          of={ACTIONS}
          onChoose={set("action", change)}
        />
        <Choice
          label={say.status}
          value={query.status ?? ""}
          of={STATUSES}
          shown={(word) => text.statuses[word] ?? word}
          onChoose={set("status", change)}
        />
        <Choice
          label={say.error}
          value={query.error_class ?? ""}
          of={ERROR_CLASSES}
          onChoose={set("error_class", change)}
        />
        <Typed label={say.task} value={query.task_id ?? ""} onSettle={set("task_id", change)} />
        <Typed
          label={say.device}
          value={query.device_id ?? ""}
          onSettle={set("device_id", change)}
        />
        <TextInput
          label={say.from}
          type="datetime-local"
          value={toLocalInput(query.from)}
          onChange={(event) => change({ from: fromLocalInput(event.currentTarget.value) })}
        />
        <TextInput
          label={say.to}
          type="datetime-local"
          value={toLocalInput(query.to)}
          onChange={(event) => change({ to: fromLocalInput(event.currentTarget.value) })}
          error={wrong}
        />
        <NativeSelect
          label={say.order}
          value={query.order ?? "newest"}
          onChange={(event) =>
            change({ order: event.currentTarget.value === "oldest" ? "oldest" : undefined })
          }
          data={[
            { value: "newest", label: say.newest },
            { value: "oldest", label: say.oldest },
          ]}
        />
        {active > 0 && (
          <Button
            variant="default"
            onClick={() => change(Object.fromEntries(FILTERS.map((name) => [name, undefined])))}
          >
            {say.clear}
          </Button>
        )}
      </fieldset>
    </div>
  );
}

/** What needs a person: accounts that were halted, and alerts nobody has seen to. */
import { Button } from "@mantine/core";
import { Link } from "react-router";

import type { AccountState } from "../../api/queries.ts";
import { type Alert, useAlerts, useCloseAlert } from "../../api/work.ts";
import { Ago } from "../../components/time.tsx";
import { StateTag, Tag, ui } from "../../components/ui.tsx";
import { words } from "../../lib/format.ts";
import { useMay } from "../../lib/roles.ts";
import { text } from "../../text.ts";
import css from "./page.module.css";

/** Names in the summary, and lines in the list, before the rest is left to the other pages. */
const NAMED = 3;
const LISTED = 10;

export interface Needs {
  readonly count: number;
  readonly summary: string;
  readonly halted: AccountState[];
  readonly alerts: Alert[];
}

export function useNeeds(accounts: AccountState[]): Needs {
  const halted = accounts.filter(({ state }) => state === "halted");
  const known = new Set(halted.map(({ account_id }) => account_id));
  // An account that is halted is one thing, however it is told.
  const alerts = (useAlerts().data ?? []).filter(
    ({ kind, subject }) => kind !== "account_halted" || !known.has(subject),
  );
  const subjects = [...known, ...alerts.map(({ subject }) => subject)];
  const rest = subjects.length > NAMED ? ", …" : "";
  return {
    count: subjects.length,
    summary: `${subjects.slice(0, NAMED).join(", ")}${rest}`,
    halted,
    alerts,
  };
}

export function AlertList({ needs }: { needs: Needs }) {
  const mayAct = useMay("operator");
  const close = useCloseAlert();
  return (
    <ul className={css.need}>
      {needs.halted.slice(0, LISTED).map((account) => (
        <li key={account.account_id}>
          <div>
            <strong>{account.account_id}</strong> <StateTag state={account.state} />
            <div className={ui.soft}>{account.reason && words(account.reason)}</div>
          </div>
          <Button
            component={Link}
            to={`/accounts/${encodeURIComponent(account.account_id)}`}
            size="xs"
            variant="default"
            aria-label={`${text.overview.openAccount}: ${account.account_id}`}
          >
            {text.overview.openAccount}
          </Button>
        </li>
      ))}
      {needs.alerts.slice(0, LISTED).map((alert) => (
        <li key={alert.id}>
          <div>
            <strong>{alert.subject}</strong>{" "}
            <Tag tone="bad">{text.alerts.kinds[alert.kind] ?? words(alert.kind)}</Tag>
            <div className={ui.soft}>
              {alert.message} · <Ago at={alert.raised_at} />
            </div>
          </div>
          <Button
            size="xs"
            variant="default"
            disabled={!mayAct}
            title={mayAct ? undefined : text.role.needs("operator")}
            loading={close.isPending && close.variables === alert.id}
            aria-label={`${text.alerts.close}: ${alert.subject}`}
            onClick={() => close.mutate(alert.id)}
          >
            {text.alerts.close}
          </Button>
        </li>
      ))}
    </ul>
  );
}

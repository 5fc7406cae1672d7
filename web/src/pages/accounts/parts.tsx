/** What the list and the page of one account share. */
import { Button } from "@mantine/core";
import { useState } from "react";

import { type AccountState, type Settings, useAccountAct } from "../../api/queries.ts";
import { ActDialog } from "../../components/act-dialog.tsx";
import { Countdown } from "../../components/time.tsx";
import { ui } from "../../components/ui.tsx";
import { ACTIONS } from "../../lib/filters.ts";
import { number, words } from "../../lib/format.ts";
import { useMay } from "../../lib/roles.ts";
import { text } from "../../text.ts";
import css from "./page.module.css";

/** What was used of each budget in the last hour or day, beside its cap. */
export function Meters({
  account,
  settings,
  per,
}: {
  account: AccountState;
  settings: Settings | undefined;
  per: "hour" | "day";
}) {
  return (
    <div className={css.meters}>
      {ACTIONS.map((action) => {
        const used = account.used[action]?.[per] ?? 0;
        const cap = settings?.budgets?.[action]?.[per] ?? null;
        const share = cap === null ? 0 : cap === 0 ? 1 : Math.min(1, used / cap);
        const shown = cap === null ? number(used) : `${number(used)} / ${number(cap)}`;
        return (
          <div key={action} className={css.meter}>
            <span>{action}</span>
            <div className={cap === null ? "" : css.track} aria-hidden>
              {cap !== null && (
                <div
                  className={`${css.fill} ${share >= 1 ? css.full : ""}`}
                  style={{ width: `${share * 100}%` }}
                />
              )}
            </div>
            <span title={cap === null ? text.accounts.noCap : undefined}>{shown}</span>
          </div>
        );
      })}
    </div>
  );
}

/** Why it is not active, and the countdown. */
export function Why({ account }: { account: AccountState }) {
  return (
    <div className={css.why}>
      {account.reason != null && <div>{words(account.reason)}</div>}
      {account.until != null && (
        <div className={ui.soft}>
          <Countdown until={account.until} /> {text.accounts.left}
        </div>
      )}
      {account.state === "backoff" && account.until == null && (
        <div className={ui.soft}>{text.accounts.probe}</div>
      )}
      {account.state === "active" && account.consecutive_rate_limits > 0 && (
        <div className={ui.soft}>{text.accounts.consecutive(account.consecutive_rate_limits)}</div>
      )}
    </div>
  );
}

/** Halt, or clear what is halted or rests. */
export function Acts({
  id,
  state,
  size = "xs",
}: {
  id: string;
  state: string;
  size?: "xs" | "sm";
}) {
  const mayAct = useMay("operator");
  const [asking, setAsking] = useState<"halt" | "clear" | null>(null);
  const halt = useAccountAct("halt");
  const clear = useAccountAct("clear");
  const { accounts } = text;
  const offered = state === "active" ? (["halt"] as const) : (["clear", "halt"] as const);
  const close = () => setAsking(null);
  const open = (act: "halt" | "clear") => {
    (act === "halt" ? halt : clear).reset();
    setAsking(act);
  };
  return (
    <div className={`${ui.actions} ${css.buttons}`}>
      {offered
        .filter((act) => !(act === "halt" && state === "halted"))
        .map((act) => (
          <Button
            key={act}
            size={size}
            variant={act === "clear" && state === "halted" ? "filled" : "default"}
            disabled={!mayAct}
            title={mayAct ? undefined : text.role.needs("operator")}
            aria-label={`${accounts[act]} ${id}`}
            onClick={() => open(act)}
          >
            {accounts[act]}
          </Button>
        ))}
      <ActDialog
        opened={asking === "halt"}
        title={accounts.haltTitle(id)}
        body={accounts.haltBody}
        act={accounts.halt}
        danger
        pending={halt.isPending}
        error={halt.error}
        onAct={(note) => halt.mutate({ account_id: id, note }, { onSuccess: close })}
        onClose={close}
      />
      <ActDialog
        opened={asking === "clear"}
        title={accounts.clearTitle(id)}
        body={accounts.clearBody}
        act={accounts.clear}
        pending={clear.isPending}
        error={clear.error}
        onAct={(note) => clear.mutate({ account_id: id, note }, { onSuccess: close })}
        onClose={close}
      />
    </div>
  );
}

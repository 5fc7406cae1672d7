/** What needs a person: accounts that were halted. */
import { Button } from "@mantine/core";
import { Link } from "react-router";

import type { AccountState } from "../../api/queries.ts";
import { StateTag, ui } from "../../components/ui.tsx";
import { words } from "../../lib/format.ts";
import { text } from "../../text.ts";
import css from "./page.module.css";

export interface Needs {
  readonly count: number;
  readonly summary: string;
  readonly halted: AccountState[];
}

export function useNeeds(accounts: AccountState[]): Needs {
  const halted = accounts.filter(({ state }) => state === "halted");
  const names = halted.slice(0, 3).map(({ account_id }) => account_id);
  const rest = halted.length > names.length ? ", …" : "";
  return { count: halted.length, summary: `${names.join(", ")}${rest}`, halted };
}

export function AlertList({ needs }: { needs: Needs }) {
  return (
    <ul className={css.need}>
      {needs.halted.slice(0, 10).map((account) => (
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
    </ul>
  );
}

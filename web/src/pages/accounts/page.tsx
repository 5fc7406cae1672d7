/** Every account: may it act, and if not, why and for how long. */
import { TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { Link, useSearchParams } from "react-router";

import { type AccountState, useAccounts, useSettings } from "../../api/queries.ts";
import { Answer, Card, Empty, PageHead, StateTag } from "../../components/ui.tsx";
import { text } from "../../text.ts";
import css from "./page.module.css";
import { Acts, Meters, Why } from "./parts.tsx";

const ORDER = ["halted", "cooldown", "backoff", "active"];
/** Accounts on the page; more are found by name. */
const SHOWN = 200;
const MANY = 8;

function sorted(accounts: AccountState[]): AccountState[] {
  return accounts.toSorted(
    (a, b) =>
      ORDER.indexOf(a.state) - ORDER.indexOf(b.state) || a.account_id.localeCompare(b.account_id),
  );
}

export default function Accounts() {
  const accounts = useAccounts();
  const settings = useSettings().data?.settings;
  const [params, setParams] = useSearchParams();
  const find = params.get("find") ?? "";
  return (
    <>
      <PageHead title={text.pages.accounts} lead={text.accounts.lead}>
        {(accounts.data?.length ?? 0) > MANY && (
          <TextInput
            aria-label={text.accounts.filter}
            placeholder={text.accounts.filter}
            leftSection={<IconSearch size={16} aria-hidden />}
            value={find}
            onChange={(event) => {
              const value = event.currentTarget.value;
              setParams(value === "" ? {} : { find: value }, { replace: true });
            }}
          />
        )}
      </PageHead>
      <Answer of={accounts}>
        {(items) => {
          if (items.length === 0) {
            return <Empty title={text.accounts.empty} body={text.accounts.emptyBody} />;
          }
          const found = sorted(items.filter((a) => a.account_id.includes(find.toLowerCase())));
          return (
            <Card>
              {found.length === 0 && <p>{text.accounts.noMatch}</p>}
              <ul className={css.list}>
                {found.slice(0, SHOWN).map((account) => (
                  <li key={account.account_id} className={css.row}>
                    <div>
                      <Link
                        to={`/accounts/${encodeURIComponent(account.account_id)}`}
                        className={css.name}
                      >
                        {account.account_id}
                      </Link>
                      <div>
                        <StateTag state={account.state} />
                      </div>
                    </div>
                    <Why account={account} />
                    <Meters account={account} settings={settings} per="hour" />
                    <Acts id={account.account_id} state={account.state} />
                  </li>
                ))}
              </ul>
            </Card>
          );
        }}
      </Answer>
    </>
  );
}

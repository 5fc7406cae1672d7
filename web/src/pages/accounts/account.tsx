/** One account: where it stands, what it used, what troubled it, what it did last. */
import { Link, useParams } from "react-router";

import { useAccounts, useEvents, useSettings } from "../../api/queries.ts";
import { EventTable } from "../../components/event-table.tsx";
import { Ago, Countdown } from "../../components/time.tsx";
import { Answer, Card, Empty, Notice, PageHead, StateTag, Tag, ui } from "../../components/ui.tsx";
import { words } from "../../lib/format.ts";
import { useStreamThrottled } from "../../lib/stream.ts";
import { text } from "../../text.ts";
import css from "./page.module.css";
import { Acts, Meters } from "./parts.tsx";

const RECENT = 10;

export default function Account() {
  const id = (useParams()["id"] ?? "").toLowerCase();
  const accounts = useAccounts();
  const settings = useSettings().data?.settings;
  const events = useEvents({ account_id: id }, RECENT);
  useStreamThrottled(() => {
    void events.refetch();
    void accounts.refetch();
  }, 1500);
  const { accounts: say } = text;
  return (
    <Answer of={accounts}>
      {(items) => {
        const account = items.find(({ account_id }) => account_id === id);
        if (account === undefined) {
          return (
            <Empty page title={say.unknown(id)} body={say.unknownBody}>
              <Acts id={id} state="active" size="sm" />
              <p>
                <Link to="/accounts">{say.back}</Link>
              </p>
            </Empty>
          );
        }
        const tone = account.state === "halted" ? "bad" : "warn";
        return (
          <>
            <PageHead
              title={account.account_id}
              lead={
                <>
                  <StateTag state={account.state} /> {text.stateMeaning[account.state]}{" "}
                  {say.events(account.events)}.
                </>
              }
            >
              <Acts id={account.account_id} state={account.state} size="sm" />
            </PageHead>
            {account.state !== "active" && (
              <Notice tone={tone} title={words(account.reason ?? account.state)}>
                {account.until != null ? (
                  <p>
                    {say.until} <Ago at={account.until} />: <Countdown until={account.until} />
                  </p>
                ) : (
                  <p>{say.clearBody}</p>
                )}
              </Notice>
            )}
            <div className={ui.grid}>
              <div className={css.columns}>
                <Card title={say.used}>
                  <div className={css.meterHead}>{say.usedHour}</div>
                  <Meters account={account} settings={settings} per="hour" />
                  <div className={css.meterHead}>{say.usedDay}</div>
                  <Meters account={account} settings={settings} per="day" />
                </Card>
                <Card title={say.errors} note={say.errorsNote}>
                  {account.errors.length === 0 ? (
                    <p className={ui.soft}>{say.errorsNone}</p>
                  ) : (
                    <ol className={css.errors} tabIndex={0} aria-label={say.errors}>
                      {account.errors.map((error, i) => (
                        <li key={`${error.ts} ${i}`}>
                          <div>
                            <Tag tone="warn">{words(error.error_class)}</Tag>
                          </div>
                          <span className={ui.soft}>
                            <Ago at={error.ts} />
                          </span>
                          <p>{error.detail}</p>
                        </li>
                      ))}
                    </ol>
                  )}
                </Card>
              </div>
              <Card
                title={say.recent}
                aside={
                  <Link to={`/interactions?account_id=${encodeURIComponent(id)}`}>{say.all}</Link>
                }
              >
                <Answer of={events}>
                  {(page) =>
                    page.items.length === 0 ? (
                      <p className={ui.soft}>{say.recentNone}</p>
                    ) : (
                      <EventTable
                        events={page.items}
                        columns={["ts", "target_username", "action", "status", "reason"]}
                      />
                    )
                  }
                </Answer>
              </Card>
            </div>
          </>
        );
      }}
    </Answer>
  );
}

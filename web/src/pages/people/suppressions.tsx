/** Everybody who must never be contacted; erased people without their name. */
import { Button } from "@mantine/core";
import { Link } from "react-router";

import { useSuppressions } from "../../api/queries.ts";
import { Ago } from "../../components/time.tsx";
import { Answer, Card, ui } from "../../components/ui.tsx";
import { text } from "../../text.ts";

const say = text.people;

/** Digits of a hash that are shown, as the admin log has them. */
const DIGITS = 12;

export function Suppressions() {
  const list = useSuppressions();
  return (
    <Card title={say.list} note={say.listNote}>
      <Answer of={list}>
        {({ pages }) => {
          const items = pages.flatMap((page) => page.items);
          if (items.length === 0) return <p className={ui.soft}>{say.listEmpty}</p>;
          return (
            <>
              <div className={ui.tableScroll} tabIndex={0} role="region" aria-label={say.list}>
                <table className={ui.table}>
                  <thead>
                    <tr>
                      <th scope="col">{say.search}</th>
                      <th scope="col">{say.since}</th>
                      <th scope="col">{say.why}</th>
                      <th scope="col">{say.by}</th>
                    </tr>
                  </thead>
                  <tbody>
                    {items.map((entry) => (
                      <tr key={entry.target_username ?? entry.target_hash}>
                        <td>
                          {entry.target_username != null ? (
                            <Link to={`/people/${encodeURIComponent(entry.target_username)}`}>
                              {entry.target_username}
                            </Link>
                          ) : (
                            <span className={ui.mono} title={entry.target_hash ?? undefined}>
                              {say.listErased((entry.target_hash ?? "").slice(0, DIGITS))}
                            </span>
                          )}
                        </td>
                        <td>
                          <Ago at={entry.added_at} />
                        </td>
                        <td>{entry.note}</td>
                        <td>{entry.added_by}</td>
                      </tr>
                    ))}
                  </tbody>
                </table>
              </div>
              {list.hasNextPage && (
                <Button
                  mt="sm"
                  size="xs"
                  variant="default"
                  loading={list.isFetchingNextPage}
                  onClick={() => void list.fetchNextPage()}
                >
                  {say.listMore}
                </Button>
              )}
            </>
          );
        }}
      </Answer>
    </Card>
  );
}

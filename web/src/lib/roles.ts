/** Who may do what. The server decides; this only keeps from offering what it would refuse. */
import { createContext, useContext } from "react";

import type { Session } from "../api/queries.ts";

const ORDER = ["viewer", "operator", "admin"] as const;
export type Role = (typeof ORDER)[number];

export function may(session: Session, role: Role): boolean {
  return ORDER.indexOf(session.role) >= ORDER.indexOf(role);
}

export const SessionContext = createContext<Session | null>(null);

/** Whether whoever looks may act as `role`. */
export function useMay(role: Role): boolean {
  const session = useContext(SessionContext);
  return session !== null && may(session, role);
}

import { Link } from "react-router";

import { text } from "../text.ts";
import { ui } from "./ui.tsx";

/** A person's name, which leads to what is known of them; or that they were erased. */
export function Person({ name }: { name: string | null }) {
  if (name === null) {
    return (
      <em className={ui.soft} title={text.interactions.erasedHint}>
        {text.interactions.erased}
      </em>
    );
  }
  return <Link to={`/people/${encodeURIComponent(name)}`}>{name}</Link>;
}

/** Keys that move: `/` to find a person, `g` and a letter to a page, `?` for help. */
import { useEffect, useRef } from "react";
import type { NavigateFunction } from "react-router";

/** How long after `g` its letter may come. */
const CHORD_MS = 2500;

interface Page {
  readonly to: string;
  readonly key: string;
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName))
  );
}

export function useShortcuts(
  pages: readonly Page[],
  navigate: NavigateFunction,
  help: () => void,
): void {
  const latest = useRef({ navigate, help });
  latest.current = { navigate, help };
  useEffect(() => {
    let since = Number.NEGATIVE_INFINITY;
    const press = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      // A dialog has the keyboard for itself.
      if (document.querySelector("[role=dialog]") !== null) return;
      const chord = performance.now() - since < CHORD_MS;
      since = Number.NEGATIVE_INFINITY;
      if (chord) {
        const page = pages.find(({ key }) => key === event.key);
        if (page !== undefined) {
          event.preventDefault();
          void latest.current.navigate(page.to);
        }
        return;
      }
      if (event.key === "g") {
        since = performance.now();
      } else if (event.key === "?") {
        event.preventDefault();
        latest.current.help();
      } else if (event.key === "/") {
        event.preventDefault();
        void latest.current.navigate("/people", { state: { find: Date.now() } });
      }
    };
    document.addEventListener("keydown", press);
    return () => document.removeEventListener("keydown", press);
  }, [pages]);
}

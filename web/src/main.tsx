import "@mantine/core/styles.layer.css";
import "./tokens.css";

import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { setNonce } from "get-nonce";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { BrowserRouter } from "react-router";

import { onLoggedOut, Unreachable } from "./api/client.ts";
import { App } from "./app.tsx";
import { connection } from "./lib/connection.ts";
import { theme, variables } from "./theme.ts";

// Style sheets made while running are allowed by this word alone; scripts are only files of ours.
const nonce = document.querySelector("meta[name=csp-nonce]")?.getAttribute("content") ?? "";
setNonce(nonce);

const client = new QueryClient({
  defaultOptions: {
    queries: {
      // A server on this machine needs no network.
      networkMode: "always",
      staleTime: 2_000,
      retry: (failures, error) => error instanceof Unreachable && failures < 2,
      retryDelay: 500,
    },
    mutations: { networkMode: "always" },
  },
});

connection.onReturn(() => void client.invalidateQueries());
onLoggedOut(() => {
  const session = client.getQueryState(["session"]);
  // The page was in use: ask who we are, and be shown the door.
  if (session?.status === "success") void client.invalidateQueries({ queryKey: ["session"] });
});

const root = document.getElementById("root");
if (root !== null) {
  createRoot(root).render(
    <StrictMode>
      <MantineProvider
        theme={theme}
        cssVariablesResolver={variables}
        defaultColorScheme="auto"
        {...(nonce === "" ? {} : { getStyleNonce: () => nonce })}
      >
        <QueryClientProvider client={client}>
          <BrowserRouter>
            <App />
          </BrowserRouter>
        </QueryClientProvider>
      </MantineProvider>
    </StrictMode>,
  );
}

import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

// While developing, the pages come from Vite and everything else from a running `decorum serve`.
const server = process.env.DECORUM_URL ?? "http://127.0.0.1:8080";

export default defineConfig({
  plugins: [react()],
  build: {
    outDir: "dist",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: "es2023",
  },
  server: {
    proxy: {
      "^/(api|healthz|readyz|docs|problems)(/|$|\\?)": {
        target: server,
        changeOrigin: true,
        configure: (proxy) => {
          proxy.on("proxyReq", (request) => {
            request.removeHeader("origin");
            request.removeHeader("sec-fetch-site");
          });
        },
      },
    },
  },
});

/** What tells that somebody is here, and who. */
import { plain, type Route } from "./route.ts";

/** The MLflow whose behaviour this server has; clients ask before they use what is newer. */
const likeMlflow = "3.5.0";

const greeting = `This is the tracking server of mlpipe: an address for MLflow's clients, without pages for a browser.
To see its runs in one: mlflow ui --backend-store-uri …, with the store that this server was started with.
`;

export const plainRoutes: readonly Route[] = [
  { verb: "GET", path: "/health", access: "open", answer: () => plain("OK") },
  { verb: "HEAD", path: "/health", access: "open", answer: () => plain("OK") },
  { verb: "GET", path: "/version", access: "open", answer: () => plain(likeMlflow) },
  { verb: "GET", path: "/", access: "guarded", answer: () => plain(greeting) },
];

// The tests of requests.test.js, where the built files send by `fetch`.

import { useFetch } from "./client.js";

useFetch();
await import("./requests.test.js");

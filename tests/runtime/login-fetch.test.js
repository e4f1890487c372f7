// The tests of login.test.js, where the built files send by `fetch`.

import { useFetch } from "./client.js";

useFetch();
await import("./login.test.js");

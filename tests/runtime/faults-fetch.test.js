// The tests of faults.test.js, where the built files send by `fetch`.

import { useFetch } from "./client.js";

useFetch();
await import("./faults.test.js");

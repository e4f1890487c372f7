declare module "authsignal-auth0" {
  export const createAction: typeof import("../../../pkg/index.d.ts").createAction;
}

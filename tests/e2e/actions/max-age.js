const { createAction } = require("authsignal-auth0");

Object.assign(exports, createAction({ maxAge: 60 * 60 }));

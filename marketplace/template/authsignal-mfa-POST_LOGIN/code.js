const authsignal = require('authsignal-auth0').createAction({ console });
exports.onExecutePostLogin = authsignal.onExecutePostLogin;
exports.onContinuePostLogin = authsignal.onContinuePostLogin;

/** An Auth0 tenant on this machine that runs your Actions, with an application and an Authsignal. */
export function startSandbox(options: Options): Promise<Sandbox>;

export interface Options {
  /** The files of the Actions of the post-login trigger, in order. Each is read again when it changes. */
  actions: string[];
  /** Their secrets, besides `AUTHSIGNAL_SECRET` and `AUTHSIGNAL_API_URL`. A function is asked before each login. */
  secrets?: Record<string, string> | (() => Record<string, string>);
  /** Ada and Bob, if not given. */
  users?: User[];
  /** Besides those that the sandbox has. */
  applications?: Application[];
  /** One database, if not given. */
  connections?: Connection[];
  organizations?: Organization[];
  /** `event.authentication.riskAssessment` of each login. */
  riskAssessment?: Record<string, unknown>;
  /** `event.request.geoip` of each login. */
  geoip?: Record<string, unknown>;
  /** `event.custom_domain`. The pages stay where they are. */
  customDomain?: { domain: string; domain_metadata?: Record<string, unknown> };
  /** The application's port; the tenant and Authsignal have the next two. 0, if not given: free ones. */
  port?: number;
  /** Where browsers reach the application, the tenant and Authsignal, if not on localhost. */
  origins?: string[];
  authsignal?: {
    /** It starts with nothing configured. Else the action `auth0-login` is set to Challenge. */
    fresh?: boolean;
    /** An Authsignal tenant elsewhere, instead of the local one. */
    remote?: { apiUrl: string; secret: string };
  };
  /** Gets the lines that `make start` prints: an Action that fails or is loaded again, a claim that is left out. */
  tell?: (line: string) => void;
}

export interface Sandbox {
  /** The origin of the application. Its single-page one is at `/spa`. */
  application: string;
  /** The origin of the tenant. Its inspector is at `/inspector`. */
  tenant: string;
  /** The tenant's issuer: its origin with a slash. */
  issuer: string;
  /** The origin of the local Authsignal. Its Portal is at `/portal`. */
  authsignal?: string;
  users: User[];
  applications: Application[];
  /** The last fifty logins, the newest first. Secrets, tokens, codes and passwords in them are masked. */
  logins(): Login[];
  /** Ends all of it at once. */
  close(): Promise<void>;
}

export interface User {
  /** As Auth0 has it: `auth0|…`, `google-oauth2|…` or `samlp|connection|…`. */
  user_id: string;
  email: string;
  password: string;
  name: string;
  nickname?: string;
  given_name?: string;
  family_name?: string;
  phone_number?: string;
  /** The name of the user's connection. The first one, if not given. */
  connection?: string;
  roles?: string[];
  /** ISO 8601 */
  created_at?: string;
  updated_at?: string;
  app_metadata?: Record<string, unknown>;
  user_metadata?: Record<string, unknown>;
}

export interface Application {
  clientId: string;
  /** `regular_web`, if not given. */
  type?: "regular_web" | "spa" | "native" | "non_interactive";
  /** Of an application that can keep one. */
  clientSecret?: string;
  name?: string;
  redirectUris?: string[];
  postLogoutRedirectUris?: string[];
  /** The origins whose scripts may call the token endpoint. */
  webOrigins?: string[];
}

export interface Connection {
  name: string;
  /** `auth0` is a database, `google-oauth2` a social connection, `samlp` an enterprise one. */
  strategy: string;
  id?: string;
  metadata?: Record<string, string>;
}

export interface Organization {
  id: string;
  name: string;
  display_name?: string;
  metadata?: Record<string, string>;
  /** The ids of its users. All of them, if not given. */
  members?: string[];
}

export interface Login {
  id: string;
  /** Such as `Login`, `SSO`, `Silent login`, `Refresh` or `Password grant`. */
  kind: string;
  /** The user's email address; empty before the login form is sent. */
  user: string;
  /** Such as `signed in, tokens given` or `access_denied: …`. */
  outcome: string;
  date: Date;
  /** What each Action was given, and what it asked for. */
  runs: Run[];
}

export interface Run {
  /** The Action's name. */
  action: string;
  handler: "onExecutePostLogin" | "onContinuePostLogin";
  event: Record<string, any>;
  /** Missing while it runs. */
  result?: {
    status: "ok" | "error";
    error?: { name: string; message: string; stack: string };
    command:
      | null
      | { type: "deny"; reason: string }
      | { type: "redirect"; url: string }
      | { type: "form"; id: string; options: { vars?: object; fields?: object } };
    recordedMethods: { name: string; timestamp: string }[];
    metadata: Record<string, string | number | boolean>;
    claims: { idToken: Record<string, unknown>; accessToken: Record<string, unknown> };
    scopes: { type: "add" | "remove"; scope: string }[];
    user: { app_metadata: Record<string, unknown>; user_metadata: Record<string, unknown> };
    session: { revoked?: true; tokenRevoked?: true; metadata?: Record<string, string> };
    calls: { method: string; args: unknown[] }[];
    console: { level: string; text: string; note?: string }[];
  };
}

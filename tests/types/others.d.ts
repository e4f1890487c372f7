// The types of Auth0's post-login trigger that others publish, as far as a login touches them, in our words:
// `Event` and `PostLoginAPI` of `@auth0/actions/post-login/v3` (Auth0's editor shows the same), and
// `PostLogin` of `@kilterset/auth0-actions-testing`, once as an event and once as an `api`.

type Open = { [more: string]: any };

export namespace auth0 {
  type Protocol = ("oidc-basic-profile" | "oauth2-refresh-token" | "samlp") & string;

  interface Event {
    readonly configuration: {};
    readonly secrets: { [secretName: string]: string };
    request: {
      ip: string;
      asn?: string;
      hostname?: string;
      method: string;
      language?: string;
      query: Open;
      body: Open;
      geoip: { countryCode?: string; latitude?: number } & Open;
      user_agent?: string;
    };
    authentication?: {
      methods: ({ name: string; timestamp: string } | { name: "mfa"; timestamp: string })[];
      riskAssessment?: { confidence: string; version: string };
    };
    authorization?: { roles: string[] };
    client: { client_id: string; name: string; metadata: { [key: string]: string } };
    connection: { id: string; name: string; strategy: string; metadata?: { [key: string]: string } };
    session?: { id: string; user_id?: string };
    stats: { logins_count: number };
    tenant: { id: string };
    user: { user_id: string; email?: string; email_verified: boolean; phone_number?: string; username?: string } & Open;
    organization?: { id: string; name: string; display_name: string; metadata: { [key: string]: string } } & Open;
    transaction?: {
      acr_values: string[];
      locale: string;
      metadata?: { [key: string]: string | number | boolean };
      protocol?: Protocol;
      requested_scopes: string[];
      ui_locales: string[];
    } & Open;
  }

  interface PostLoginAPI {
    readonly access: { deny(reason: string): PostLoginAPI };
    readonly authentication: {
      challengeWith(factor: { type: string }, options?: object): void;
      recordMethod(provider_url: string): PostLoginAPI;
      setPrimaryUser(primary_user_id: string): void;
    };
    readonly idToken: { setCustomClaim(key: string, value: unknown): PostLoginAPI };
    readonly redirect: {
      encodeToken(options: { payload: { [key: string]: unknown }; secret: string; expiresInSeconds?: number }): string;
      sendUserTo(url: string, options?: { query?: { [param: string]: string } }): PostLoginAPI;
      validateToken(options: { secret: string; tokenParameterName?: string }): any;
    };
    readonly transaction: { setMetadata(key: string, value: string | number | boolean | null): void };
  }

  type PostLoginAction = (event: Event, api: PostLoginAPI) => Promise<void>;
}

export namespace kilterset {
  interface Event {
    transaction: {
      acr_values: string[];
      locale: string;
      metadata?: { [key: string]: string | number | boolean };
      protocol?: auth0.Protocol;
      requested_scopes: string[];
      ui_locales: string[];
      [more: string]: unknown;
    };
    authentication: { methods: { name: string; timestamp: string; type?: string }[]; riskAssessment?: object };
    authorization: { roles: string[] };
    client: { client_id: string; name: string; metadata: { [key: string]: string } };
    connection: { id: string; name: string; strategy: string };
    organization: { id: string; name: string; display_name: string; metadata: { [key: string]: string } };
    request: {
      ip: string;
      method: string;
      query: Record<string, unknown>;
      body: Record<string, unknown>;
      geoip: Partial<{ countryCode: string; [more: string]: unknown }>;
      hostname?: string;
      user_agent?: string;
    };
    secrets: { [key: string]: string };
    stats: { logins_count: number };
    user: { user_id: string; email?: string; email_verified: boolean; [more: string]: any };
  }

  /** It has no `transaction`. */
  interface PostLogin {
    readonly access: { deny(reason: string): PostLogin };
    readonly authentication: {
      recordMethod(providerUrl: string): PostLogin;
      setPrimaryUser(primaryUserId: string): void;
    };
    readonly idToken: { setCustomClaim(key: string, value: unknown): PostLogin };
    readonly redirect: { sendUserTo(url: string, options?: { query?: { [param: string]: string } }): PostLogin };
  }
}

/** The ways of signing in at a Databricks workspace that need nothing but settings: exactly one must be configured. */
import { TrackingError } from "../tracking.ts";
import { variables, type Setting, type SettingName, type Settings } from "./settings.ts";

export type SignIn =
  | { readonly kind: "token"; readonly token: Setting }
  | { readonly kind: "password"; readonly username: Setting; readonly password: Setting }
  /** OAuth from machine to machine: a service principal's id and secret are exchanged for tokens. */
  | { readonly kind: "client"; readonly id: Setting; readonly secret: Setting };

interface Way {
  /** As `auth_type` names it. */
  readonly type: string;
  readonly needs: readonly SettingName[];
  readonly make: (need: (name: SettingName) => Setting) => SignIn;
}

const ways: readonly Way[] = [
  {
    type: "pat",
    needs: ["token"],
    make: (need) => ({ kind: "token", token: checkToken(need("token")) }),
  },
  {
    type: "basic",
    needs: ["username", "password"],
    make: (need) => ({
      kind: "password",
      username: checkLine(need("username")),
      password: checkLine(need("password")),
    }),
  },
  {
    type: "oauth-m2m",
    needs: ["client_id", "client_secret"],
    make: (need) => ({
      kind: "client",
      id: checkToken(need("client_id")),
      secret: checkToken(need("client_secret")),
    }),
  },
];

/** Throws TrackingError. */
export function chooseSignIn(settings: Settings): SignIn {
  const way = chooseWay(settings);
  return way.make((name) => {
    const setting = settings[name];
    if (setting === undefined) throw missing(name, way, settings);
    return setting;
  });
}

function chooseWay(settings: Settings): Way {
  const { auth_type: type } = settings;
  if (type !== undefined) return ways.find((way) => way.type === type.value) ?? unknown(type);
  const [way, other] = ways.filter(({ needs }) =>
    needs.some((name) => settings[name] !== undefined),
  );
  if (way === undefined) throw none(settings);
  if (other !== undefined) throw ambiguous(way, other, settings);
  return way;
}

function unknown(type: Setting): never {
  throw new TrackingError(
    "INVALID_PARAMETER_VALUE",
    `${type.from} asks for signing in by ${JSON.stringify(type.value.slice(0, 40))}, which mlpipe cannot do`,
    "Use pat (DATABRICKS_TOKEN; `databricks auth token` prints one) or oauth-m2m (DATABRICKS_CLIENT_ID and DATABRICKS_CLIENT_SECRET).",
  );
}

function none({ host }: Settings): TrackingError {
  return new TrackingError(
    "INVALID_PARAMETER_VALUE",
    `${host?.from ?? "The profile"} names a Databricks workspace, but nothing says how to sign in there`,
    "Set DATABRICKS_TOKEN, or DATABRICKS_CLIENT_ID and DATABRICKS_CLIENT_SECRET; in a profile: token, or client_id and client_secret.",
  );
}

function ambiguous(way: Way, other: Way, settings: Settings): TrackingError {
  const [one, two] = [way, other].map(({ needs }) => needs.flatMap((name) => settings[name] ?? []));
  return new TrackingError(
    "INVALID_PARAMETER_VALUE",
    `${one?.[0]?.from} and ${two?.[0]?.from} are two ways to sign in at Databricks`,
    `Unset one of them, or set DATABRICKS_AUTH_TYPE to ${way.type} or ${other.type}.`,
  );
}

function missing(name: SettingName, way: Way, settings: Settings): TrackingError {
  const there = way.needs.flatMap((each) => settings[each]?.from ?? [])[0];
  const reason = there === undefined ? `${way.type} needs it` : `it belongs to ${there}`;
  return new TrackingError(
    "INVALID_PARAMETER_VALUE",
    `${variables[name]} is not set, and ${reason}`,
    `Set ${variables[name]}, or ${name} in the profile.`,
  );
}

function checkToken(setting: Setting): Setting {
  return check(setting, /^[\x21-\x7e]+$/, "a space, a line break or another character");
}

function checkLine(setting: Setting): Setting {
  return check(setting, /^\P{Cc}+$/u, "a line break or another control character");
}

function check(setting: Setting, pattern: RegExp, what: string): Setting {
  if (pattern.test(setting.value)) return setting;
  throw new TrackingError(
    "INVALID_PARAMETER_VALUE",
    `${setting.from} holds ${what} that cannot belong there`,
    "Copy the value again, without quotes and in one line.",
  );
}

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readIni } from "../src/tracking/databricks/ini.ts";
import { readWorkspace } from "../src/tracking/databricks/workspace.ts";
import { readTrackingUri } from "../src/tracking/tracking-uri.ts";
import { failureOf } from "./support/client.ts";

let home: string;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "mlpipe-databricks-"));
});
afterEach(async () => {
  await rm(home, { recursive: true, force: true });
});

const configure = (text: string): Promise<void> => writeFile(join(home, ".databrickscfg"), text);

const read = (profile: string | undefined, env: Record<string, string> = {}) =>
  readWorkspace(profile, { HOME: home, ...env });

const host = "https://w.example.com";
const withToken = { DATABRICKS_HOST: host, DATABRICKS_TOKEN: "dapi1" };
const twoProfiles = `[DEFAULT]
host = https://default.example.com
token = dapi-default

[prod]
host = https://prod.example.com/
token = dapi-prod
`;

describe("a tracking URI", () => {
  it.each([
    ["databricks", undefined],
    ["databricks://prod", "prod"],
    ["databricks://my.Prod-1/", "my.Prod-1"],
  ])("%s names the profile %s", (uri, profile) => {
    expect(readTrackingUri(uri, "/")).toEqual({ kind: "databricks", uri, profile });
  });

  it.each([
    ["databricks://", "databricks:// names no profile"],
    ["databricks:prod", "databricks:prod names no profile"],
    ["databricks://prod/x", "databricks://prod/x names no profile"],
    [
      "databricks://scope:prefix",
      "a tracking URI of the form databricks://SCOPE:PREFIX reads secrets that only notebooks on Databricks can",
    ],
    ["databricks-uc", "databricks-uc is Unity Catalog's registry of models, which keeps no runs"],
  ])("%s is refused, with what to write instead", (uri, message) => {
    expect(() => readTrackingUri(uri, "/")).toThrow(
      expect.objectContaining({ message, fix: expect.stringContaining("databricks://PROFILE") }),
    );
  });
});

describe("the workspace", () => {
  it("is that of the variables", async () => {
    expect(await read(undefined, withToken)).toEqual({
      origin: host,
      hostFrom: "DATABRICKS_HOST",
      signIn: { kind: "token", token: { value: "dapi1", from: "DATABRICKS_TOKEN" } },
      id: undefined,
      insecure: false,
    });
  });

  it.each([
    ["w.example.com", host],
    ["https://w.example.com/", host],
    ["https://W.example.com:443", host],
    ["http://127.0.0.1:8080/", "http://127.0.0.1:8080"],
  ])("at %s is reached at %s", async (written, origin) => {
    const found = await read(undefined, { ...withToken, DATABRICKS_HOST: written });
    expect(found.origin).toBe(origin);
  });

  it("is that of the named profile, of the variable's, or of the file's own choice", async () => {
    await configure(twoProfiles);
    const originOf = async (...given: Parameters<typeof read>): Promise<string> =>
      (await read(...given)).origin;
    expect(await originOf("prod")).toBe("https://prod.example.com");
    expect(await originOf(undefined)).toBe("https://default.example.com");
    expect(await originOf(undefined, { DATABRICKS_CONFIG_PROFILE: "prod" })).toBe(
      "https://prod.example.com",
    );
    expect(await originOf("DEFAULT", { DATABRICKS_CONFIG_PROFILE: "prod" })).toBe(
      "https://default.example.com",
    );
    await configure(`[__settings__]\ndefault_profile = prod\n${twoProfiles}`);
    expect(await originOf(undefined)).toBe("https://prod.example.com");
  });

  it("is read from the file that DATABRICKS_CONFIG_FILE names", async () => {
    await writeFile(join(home, "other.cfg"), twoProfiles);
    for (const file of [join(home, "other.cfg"), "~/other.cfg"])
      expect((await read("prod", { DATABRICKS_CONFIG_FILE: file })).hostFrom).toBe(
        `${file} line 6`,
      );
  });

  it("is not mixed from variables and a file that nobody names", async () => {
    await configure(twoProfiles);
    const failure = await failureOf(read(undefined, { DATABRICKS_HOST: host }));
    expect(failure.message).toBe(
      "DATABRICKS_HOST names a Databricks workspace, but nothing says how to sign in there",
    );
  });

  it("takes from variables what a named profile leaves open", async () => {
    await configure("[prod]\nHOST: w.example.com\n");
    const found = await read("prod", { ...withToken, DATABRICKS_WORKSPACE_ID: "17" });
    expect(found).toMatchObject({ origin: host, id: "17", hostFrom: "~/.databrickscfg line 2" });
    expect(found.signIn).toMatchObject({ kind: "token", token: { from: "DATABRICKS_TOKEN" } });
  });

  it("has no inherited settings: DEFAULT is a profile like others", async () => {
    await configure("[DEFAULT]\ntoken = dapi-default\n[prod]\nhost = w.example.com\n");
    const failure = await failureOf(read("prod"));
    expect(failure.message).toContain("nothing says how to sign in");
  });

  it.each([
    [{ DATABRICKS_USERNAME: "ann", DATABRICKS_PASSWORD: "pä" }, "password"],
    [{ DATABRICKS_CLIENT_ID: "id", DATABRICKS_CLIENT_SECRET: "s" }, "client"],
    [{ DATABRICKS_TOKEN: "t" }, "token"],
    [
      {
        DATABRICKS_TOKEN: "t",
        DATABRICKS_CLIENT_ID: "i",
        DATABRICKS_CLIENT_SECRET: "s",
        DATABRICKS_AUTH_TYPE: "oauth-m2m",
      },
      "client",
    ],
  ])("with %j is entered by %s", async (env, kind) => {
    const { signIn } = await read(undefined, { DATABRICKS_HOST: host, ...env } as Record<
      string,
      string
    >);
    expect(signIn.kind).toBe(kind);
  });

  it.each([
    ["true", true],
    ["1", true],
    ["False", false],
  ])("with insecure %s takes any certificate: %s", async (insecure, expected) => {
    const found = await read(undefined, { ...withToken, DATABRICKS_INSECURE: insecure });
    expect(found.insecure).toBe(expected);
  });
});

describe("settings that cannot be used", () => {
  it.each<readonly [string, Record<string, string>, string | undefined, string, string]>([
    [
      "nothing at all",
      {},
      undefined,
      "Nothing says which Databricks workspace is meant: DATABRICKS_HOST is not set, and ~/.databrickscfg is not there",
      "DATABRICKS_TOKEN",
    ],
    [
      "no file for a profile",
      {},
      "prod",
      "There is no ~/.databrickscfg to look up the Databricks profile prod in",
      "[prod]",
    ],
    [
      "a token alone",
      { DATABRICKS_TOKEN: "hush" },
      undefined,
      "DATABRICKS_HOST is not set, and DATABRICKS_TOKEN needs it",
      "DATABRICKS_HOST",
    ],
    [
      "half of a sign-in",
      { DATABRICKS_HOST: host, DATABRICKS_CLIENT_ID: "id" },
      undefined,
      "DATABRICKS_CLIENT_SECRET is not set, and it belongs to DATABRICKS_CLIENT_ID",
      "client_secret in the profile",
    ],
    [
      "a way without what it needs",
      { DATABRICKS_HOST: host, DATABRICKS_AUTH_TYPE: "pat" },
      undefined,
      "DATABRICKS_TOKEN is not set, and pat needs it",
      "token in the profile",
    ],
    [
      "two ways",
      { ...withToken, DATABRICKS_CLIENT_ID: "id", DATABRICKS_CLIENT_SECRET: "hush" },
      undefined,
      "DATABRICKS_TOKEN and DATABRICKS_CLIENT_ID are two ways to sign in at Databricks",
      "DATABRICKS_AUTH_TYPE to pat or oauth-m2m",
    ],
    [
      "a way that needs a browser",
      { DATABRICKS_HOST: host, DATABRICKS_AUTH_TYPE: "databricks-cli" },
      undefined,
      'DATABRICKS_AUTH_TYPE asks for signing in by "databricks-cli", which mlpipe cannot do',
      "databricks auth token",
    ],
    [
      "an address of a browser",
      { ...withToken, DATABRICKS_HOST: `${host}/?o=1#hush` },
      undefined,
      "DATABRICKS_HOST is not the address of a Databricks workspace",
      "https://HOST",
    ],
    [
      "an address with a password",
      { ...withToken, DATABRICKS_HOST: "https://ann:hush@w.example.com" },
      undefined,
      "DATABRICKS_HOST is not the address of a Databricks workspace",
      "https://HOST",
    ],
    [
      "an address without encryption",
      { ...withToken, DATABRICKS_HOST: "http://w.example.com" },
      undefined,
      "DATABRICKS_HOST begins with http://, so that what signs you in could be read on the way",
      "https://HOST",
    ],
    [
      "a token of two lines",
      { DATABRICKS_HOST: host, DATABRICKS_TOKEN: "hush\nSECRET" },
      undefined,
      "DATABRICKS_TOKEN holds a space, a line break or another character that cannot belong there",
      "in one line",
    ],
    [
      "an unclear flag",
      { ...withToken, DATABRICKS_INSECURE: "maybe" },
      undefined,
      "DATABRICKS_INSECURE is neither true nor false",
      "Write true",
    ],
  ])("%s", async (_, env, profile, message, fix) => {
    const failure = await failureOf(read(profile, env));
    expect(failure.message).toBe(message);
    expect(failure.fix).toContain(fix);
    expect(`${failure.message}${failure.fix}`).not.toContain("hush");
  });

  it.each([
    ["[prod]\nhost = a\n", "dev", "~/.databrickscfg has no profile [dev]", "It has prod."],
    [
      "[prod]\nhost = a\n",
      undefined,
      "Nothing says which Databricks workspace is meant: DATABRICKS_HOST is not set, and ~/.databrickscfg has no [DEFAULT]",
      "databricks://prod",
    ],
    [
      "[prod]\ntoken = hush\n",
      "prod",
      "DATABRICKS_HOST is not set, and ~/.databrickscfg line 2 needs it",
      "host in the profile",
    ],
    [
      "[prod]\nhost = w.example.com\nclient_id = i\n",
      "prod",
      "DATABRICKS_CLIENT_SECRET is not set, and it belongs to ~/.databrickscfg line 3",
      "client_secret in the profile",
    ],
    [
      "[prod]\nhost = w.example.com\nauth_type = azure-cli\n",
      "prod",
      '~/.databrickscfg line 3 asks for signing in by "azure-cli", which mlpipe cannot do',
      "DATABRICKS_TOKEN",
    ],
    [
      "[prod]\n\nSECRET\n",
      "prod",
      "~/.databrickscfg line 3 cannot be read: it is neither [section] nor key = value",
      "Mend",
    ],
    [
      "token = hush\n",
      "prod",
      "~/.databrickscfg line 1 cannot be read: it stands before the first [section]",
      "Mend",
    ],
    [
      "[a]\n[a]\n",
      "a",
      "~/.databrickscfg line 2 cannot be read: the section [a] is there twice",
      "Mend",
    ],
    [
      "[a]\ntoken=hush\ntoken=hush\n",
      "a",
      "~/.databrickscfg line 3 cannot be read: token is there twice in one section",
      "Mend",
    ],
  ])("in the file %j", async (text, profile, message, fix) => {
    await configure(text);
    const failure = await failureOf(read(profile));
    expect(failure.message).toBe(message);
    expect(failure.fix).toContain(fix);
    expect(`${failure.message}${failure.fix}`).not.toContain("hush");
  });

  it.each([
    [
      { DATABRICKS_HOST: "https://other.example.com" },
      "DATABRICKS_HOST says another host than the profile does at ~/.databrickscfg line 6",
    ],
    [
      { DATABRICKS_TOKEN: "hush" },
      "DATABRICKS_TOKEN says another token than the profile does at ~/.databrickscfg line 7",
    ],
    [
      { DATABRICKS_CLIENT_ID: "i", DATABRICKS_CLIENT_SECRET: "hush" },
      "~/.databrickscfg line 7 and DATABRICKS_CLIENT_ID are two ways to sign in at Databricks",
    ],
  ])("that contradict a profile: %j", async (env, message) => {
    await configure(twoProfiles);
    const failure = await failureOf(read("prod", env as Record<string, string>));
    expect(failure.message).toBe(message);
    expect(failure.fix).toContain("nset ");
    expect(`${failure.message}${failure.fix}`).not.toMatch(/hush|dapi-prod/);
  });

  it("do not contradict where they say the same", async () => {
    await configure(twoProfiles);
    const env = { DATABRICKS_HOST: "prod.example.com", DATABRICKS_TOKEN: "dapi-prod" };
    expect((await read("prod", env)).origin).toBe("https://prod.example.com");
  });

  it("in a file that cannot be opened are told by its name", async () => {
    const failure = await failureOf(read("prod", { DATABRICKS_CONFIG_FILE: home }));
    expect(failure).toMatchObject({
      code: "FILE_FAILED",
      message: `${home} cannot be read (EISDIR)`,
    });
  });
});

describe("a configuration file", () => {
  it("has comments, keys in any case, = or :, values over several lines, and % as it is", () => {
    const text = [
      "\uFEFF# first",
      "[a b]",
      "Key = one = two",
      "  ; no part of it",
      "  three",
      "",
      "other:%20",
      "[ empty ]",
    ];
    expect(readIni(text.join("\r\n"))).toEqual(
      new Map([
        [
          "a b",
          new Map([
            ["key", { value: "one = two\nthree", line: 3 }],
            ["other", { value: "%20", line: 7 }],
          ]),
        ],
        [" empty ", new Map()],
      ]),
    );
  });
});

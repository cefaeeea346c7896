/** What to do when a Databricks workspace, or the cloud store behind it, does not answer as it should. */
import type { Advice } from "../client-advice.ts";
import type { SignIn } from "./sign-in.ts";
import type { Workspace } from "./workspace.ts";

export function adviseWorkspace({ hostFrom, signIn }: Workspace): Advice {
  const renew = `Check ${secretOf(signIn)}: it may have expired or belong to another workspace than ${hostFrom}.`;
  return {
    ...adviseStore(),
    address: `Check that ${hostFrom} is the address of a Databricks workspace.`,
    signIn: renew,
    permission: `${renew} If it is good, ask for the right to do this in the workspace.`,
    name: `Check the host at ${hostFrom}, and whether this machine is online.`,
    certificate:
      "Set NODE_EXTRA_CA_CERTS to the certificate of whoever signed it, as a PEM file, for example that of your company's proxy.",
  };
}

function secretOf(signIn: SignIn): string {
  switch (signIn.kind) {
    case "token":
      return signIn.token.from;
    case "password":
      return signIn.password.from;
    case "client":
      return signIn.secret.from;
    default:
      return signIn satisfies never;
  }
}

export function adviseStore(): Advice {
  const reach =
    "Check that this machine may reach it: the artifacts of the workspace are kept there.";
  return {
    address: reach,
    signIn: reach,
    permission: reach,
    name: reach,
    reach: () => "Check that this machine may reach it, and a proxy on the way, if there is one.",
    certificate: "Set NODE_EXTRA_CA_CERTS to the certificate of whoever signed it, as a PEM file.",
    scheme: "Look at the proxy on the way, if there is one.",
    server: "Look at the proxy on the way, if there is one, or try again in a while.",
  };
}

/** What to tell a user to do when a server does not answer as it should, for each kind of server. */

export interface Advice {
  /** Where somebody else answers than was meant. */
  readonly address: string;
  /** Where the server does not know who is asking. */
  readonly signIn: string;
  /** Where it does, and refuses. */
  readonly permission: string;
  /** Where no machine has the name. */
  readonly name: string;
  /** Where nobody answers at `host`, a name with a port. */
  readonly reach: (host: string) => string;
  /** Where the certificate is not trusted. */
  readonly certificate: string;
  /** Where what is spoken is not what the scheme promises. */
  readonly scheme: string;
  /** Where answers break off. */
  readonly server: string;
}

const unset = "unset MLFLOW_TRACKING_URI to log into a file here.";

export const mlflowAdvice: Advice = {
  address: "Check that MLFLOW_TRACKING_URI is the address of an MLflow server.",
  signIn:
    "Set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN, to what the server knows.",
  permission: "Ask whoever runs the server for the right to do this.",
  name: "Check the address in MLFLOW_TRACKING_URI, and whether this machine is online.",
  reach: startAt,
  certificate:
    "Set MLFLOW_TRACKING_SERVER_CERT_PATH to the certificate of whoever signed it, as a PEM file.",
  scheme: "Check whether MLFLOW_TRACKING_URI should begin with http:// or with https://.",
  server: "Look into the server's log, or at the proxy before it, if there is one.",
};

/** A server elsewhere is for others to start. */
function startAt(host: string): string {
  const port = host.slice(host.lastIndexOf(":") + 1);
  return /^(localhost|127\.|\[::1\])/.test(host)
    ? `Start a server there with \`mlflow server --port ${port}\`, or ${unset}`
    : `Check that the server runs and that this machine may reach it, or ${unset}`;
}

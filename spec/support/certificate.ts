/** A certificate of 127.0.0.1 that nobody has signed but itself. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";

/** False, with a printed reason, where openssl is not installed (never in CI: there it throws). */
export async function makeCertificate(key: string, certificate: string): Promise<boolean> {
  const words = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=x"];
  const names = ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate];
  try {
    await promisify(execFile)("openssl", [...words, ...names]);
    return true;
  } catch (error) {
    if (process.env["CI"] === "true") throw error;
    console.warn(`skipped: no certificate without openssl: ${String(error)}`);
    return false;
  }
}

/** The variables under which a run is performed again: the language, the time zone and the threads of then, all else of now. */
import type { Manifest } from "../../run/manifest/manifest.ts";

/** What is set as it was recorded, and taken away where it was not set. */
const restored =
  /^(?:TZ|LANG|LANGUAGE|LC_[A-Z]+|[A-Z]+_NUM_THREADS|MC_CORES|OPENBLAS_CORETYPE|R_ICU_LOCALE|R_ENABLE_JIT|UV_THREADPOOL_SIZE|SOURCE_DATE_EPOCH)$/;

export function surroundingsOf(
  { machine }: Pick<Manifest, "machine">,
  env: NodeJS.ProcessEnv,
): NodeJS.ProcessEnv {
  const own = Object.entries(env).filter(([name]) => !restored.test(name));
  const then = Object.entries(machine.variables).filter(([name]) => restored.test(name));
  // A machine without the variable has its time zone from its system, which may be another one here.
  const zone = machine.timeZone === "" ? {} : { TZ: machine.timeZone };
  return { ...Object.fromEntries(own), ...zone, ...Object.fromEntries(then) };
}

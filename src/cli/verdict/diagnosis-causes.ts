/** The causes that a diagnosis has found, as the HTML report shows them. */
import { causes } from "../../repro/cause.ts";
import type { Diagnosis, Finding, Place } from "../../repro/diagnose/diagnosis.ts";
import type { ReportCause, VerdictData } from "../../report/verdict-data.ts";

export function diagnosedCauses({ findings, unexplained }: Diagnosis): readonly ReportCause[] {
  return [
    ...findings.map(causeOf),
    ...unexplained.map((step) => ({
      title: "unexplained",
      place: `step ${step}`,
      confidence: "",
      evidence: ["it differs, and nothing that could be held still or changed says why"],
      mend: "what it does is told by: mlpipe trace",
    })),
  ];
}

function causeOf({ cause, step, place, others, what, outputs, ...said }: Finding): ReportCause {
  const at = place ? `, ${placeText(place)}` : "";
  const changed =
    outputs.length === 0 ? "the step fails by it" : `it changes ${outputs.join(", ")}`;
  return {
    title: causes[cause].title,
    place: `step ${step}${at}`,
    confidence: `confidence: ${said.confidence}`,
    evidence: [
      causes[cause].meaning,
      what === undefined ? changed : `${what}: ${changed}`,
      said.reason,
      ...(others.length === 0 ? [] : [`also at ${others.map(placeText).join(", ")}`]),
    ],
    mend: said.mend,
  };
}

function placeText({ file, line }: Place): string {
  return `${file}:${line}`;
}

export function uncheckedBy({ notChecked }: Diagnosis): VerdictData["unchecked"] {
  return notChecked.map(({ what, why }) => ({ name: what, why }));
}

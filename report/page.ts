/** The report's script: makes the table sortable, and draws the figures from the page's own data. */
import type { ReportData } from "../src/report/report-data.ts";
import { drawCurves } from "./curves.ts";
import { prepareHighlight } from "./highlight.ts";
import { drawParallel } from "./parallel.ts";
import { drawScatter } from "./scatter.ts";
import { prepareSorting } from "./sorting.ts";

const data = JSON.parse(document.getElementById("data")?.textContent ?? "") as ReportData;

prepareSorting();
drawScatter(data);
drawParallel(data);
drawCurves(data);
prepareHighlight();

/** mlpipe's own {mlflow} and the files of runs on servers: artifacts, models, versions in the registry. */
import { describe, expect, test } from "vitest";
import { describeServers } from "./support/r-servers.ts";

describeServers((server) => {
  describe("artifacts", () => {
    test("folders go and come back byte by byte, whatever the names and sizes", async () => {
      const printed = await server.lines(
        `invisible(mlflow_set_experiment("artifacts"))
       dir.create("here/deep er/é", recursive = TRUE)
       set.seed(1)
       bytes <- as.raw(sample(0:255, 11e6, TRUE))
       writeBin(bytes, "here/big.bin"); invisible(writeBin(raw(), "here/empty")); writeLines("x", "here/deep er/é/100 & +.txt"); writeLines("h", "here/.hidden")
       mlflow_log_artifact("here", "to/it")
       mlflow_log_artifact("here/.hidden")
       top <- mlflow_list_artifacts()
       cat(top$path, top$is_dir, "\\n")
       got <- mlflow_download_artifacts("to/it")
       cat(sort(list.files(got, all.files = TRUE, recursive = TRUE)), sep = "|"); cat("\\n")
       cat(identical(readBin(file.path(got, "big.bin"), "raw", 2e7), bytes), file.size(file.path(got, "empty")), "\\n")
       cat(readLines(mlflow_download_artifacts("to/it/deep er/é/100 & +.txt")), "\\n")
       cat(nrow(mlflow_list_artifacts("nothing")), "\\n")
       cat(class(tryCatch(mlflow_download_artifacts("nothing"), error = identity))[1], "\\n")
       cat(conditionMessage(tryCatch(mlflow_log_artifact("missing"), error = identity)), "\\n")
       cat(class(tryCatch(mlflow_log_artifact("here/.hidden", "../out"), error = identity))[1], "\\n")
       invisible(mlflow_end_run())`,
      );
      expect(printed).toEqual([
        ".hidden to FALSE TRUE",
        ".hidden|big.bin|deep er/é/100 & +.txt|empty",
        "TRUE 0",
        "x",
        "0",
        "mlflow_refusal",
        "there is no file `missing` to log",
        "mlflow_refusal",
      ]);
      expect((await server.runsOf("artifacts"))[0]?.artifacts).toEqual({
        ".hidden": 2,
        "to/it/.hidden": 2,
        "to/it/big.bin": 11_000_000,
        "to/it/deep er/é/100 & +.txt": 2,
        "to/it/empty": 0,
      });
    });
  });

  describe("models", () => {
    test("are loaded again in another session by run, version, stage and alias; Python reads their description", async () => {
      const [id] = await server
        .lines(
          `invisible(mlflow_set_experiment("models"))
       invisible(mlflow_start_run())
       fit <- lm(dist ~ speed, cars)
       mlflow_log_model(carrier::crate(function(x) stats::predict(fit, x), fit = fit), "fitted model")
       id <- mlflow_get_run()$run_id
       made <- mlflow_create_registered_model("cars", tags = list(a = "b"), description = "d")
       v1 <- mlflow_create_model_version("cars", paste0("runs:/", id, "/fitted model"), run_id = id, description = "one")
       v2 <- mlflow_create_model_version("cars", paste0(mlflow_get_run()$artifact_uri, "/fitted model"), run_id = id, tags = list(x = 1))
       moved <- mlflow_transition_model_version_stage("cars", v1$version, "Production")
       cat(id, made$name, v1$version, v2$version, moved$current_stage, "\\n")`,
        )
        .then((printed) => printed.map((line) => line.split(" ")[0] ?? ""));
      await server.python("client.set_registered_model_alias('cars', 'best', '1'); answer(1)");
      const printed = await server.lines(
        `uris <- c("runs:/${String(id)}/fitted model", "models:/cars/1", "models:/cars/2", "models:/cars/latest", "models:/cars/Production", "models:/cars@best")
       for (uri in uris) cat(mlflow_load_model(uri)(data.frame(speed = 10)), "")`,
      );
      expect(printed).toEqual([Array<string>(6).fill("21.74499").join(" ")]);
      const flavors = await server.python<object>(
        `
from mlflow.models import Model
found = Model.load(mlflow.artifacts.download_artifacts("runs:/" + given + "/fitted model"))
history = json.loads(client.get_run(given).data.tags["mlflow.log-model.history"])
answer([found.flavors["crate"], found.run_id == given, history[0]["artifact_path"]])`,
        id,
      );
      expect(flavors).toEqual([{ version: "0.1.0", model: "crate.bin" }, true, "fitted model"]);
    });

    test("the registry is read and changed", async () => {
      const printed = await server.lines(
        `r <- function(...) cat(..., "\\n")
       invisible(mlflow_create_registered_model("regs"))
       invisible(mlflow_create_model_version("regs", "s3://bucket/m"))
       r(mlflow_update_registered_model("regs", "about")$description, mlflow_get_registered_model("regs")$name)
       r(mlflow_update_model_version("regs", 1, "about one")$description, mlflow_get_model_version("regs", "1")$status)
       mlflow_set_model_version_tag("regs", 1, "k", "v")
       mlflow_set_model_version_tag("regs", key = "s", value = "w", stage = "None")
       r(vapply(mlflow_get_model_version("regs", 1)$tags, function(tag) tag$value, ""))
       r(vapply(mlflow_get_latest_versions("regs"), function(version) version$version, ""))
       r(vapply(mlflow_search_registered_models("name LIKE 'reg%'", order_by = list("name DESC"))$registered_models, function(model) model$name, ""))
       r(mlflow_rename_registered_model("regs", "renamed")$name)
       r(conditionMessage(tryCatch(mlflow_load_model("models:/renamed/1"), error = identity)))
       mlflow_delete_model_version("renamed", 1)
       mlflow_delete_registered_model("renamed")
       r(conditionMessage(tryCatch(mlflow_get_registered_model("renamed"), error = identity)))`,
      );
      expect(printed).toEqual([
        "about regs",
        "about one READY",
        "v w",
        "1",
        "regs",
        "renamed",
        "there is no model at `s3://bucket/m`",
        expect.stringContaining(
          "the tracking server answered 404 to registered-models/get: RESOURCE_DOES_NOT_EXIST; ",
        ),
      ]);
    });
  });
});

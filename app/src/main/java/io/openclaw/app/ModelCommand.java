package io.openclaw.app;

import io.openclaw.domain.Decimal;
import io.openclaw.domain.Json;
import io.openclaw.domain.JsonReader;
import io.openclaw.domain.JsonSyntaxException;
import io.openclaw.domain.JsonWriter;
import io.openclaw.domain.Rating;
import io.openclaw.domain.Reason;
import io.openclaw.rating.Attempt;
import io.openclaw.rating.Checked;
import io.openclaw.rating.InputSchema;
import io.openclaw.rating.RatingModel;
import io.openclaw.yaml.ConfigException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code openclaw model}: looks at a model's file on this machine; no node is needed. */
@Command(
    name = "model",
    mixinStandardHelpOptions = true,
    usageHelpAutoWidth = true,
    description =
        "Builds, validates, explains, measures and tests a model's file, before it is released; no node is needed.",
    subcommands = {ModelTestCommand.class, ModelBuildCommand.class, CommandLine.HelpCommand.class},
    footer = {
      "",
      "A file's kind is told by its name (.pmml, .xml, .onnx, .wasm) or by \"kind\" in its JSON.",
      "docs/models.md has all kinds."
    })
final class ModelCommand {
  /** An input on the command line. */
  private static final int INPUT_BYTES_MAX = 1 << 20;

  /** The file, and how to answer. */
  static final class Chosen {
    @Parameters(index = "0", paramLabel = "FILE", description = "The model's file.")
    Path path = Path.of("");

    @Option(
        names = "--kind",
        paramLabel = "KIND",
        description = "Its kind, where the file does not tell.")
    @Nullable String kind;

    @Option(names = "--output", paramLabel = "text|json", description = "text, or one JSON line.")
    Output output = Output.TEXT;

    private final ModelKinds kinds = new ModelKinds();

    ModelFile read() throws IOException, ConfigException {
      return ModelFile.read(path, kind);
    }

    ModelKinds kinds() {
      return kinds;
    }

    int print(Json.Obj json, Runnable text) {
      if (output == Output.JSON) {
        System.out.println(new String(JsonWriter.write(json), StandardCharsets.UTF_8));
      } else {
        text.run();
      }
      return 0;
    }
  }

  @Command(
      name = "validate",
      mixinStandardHelpOptions = true,
      description = {
        "Loads the model as a node does, and rates what it records.",
        "Says what it takes; or everything that is wrong with it, with the place."
      })
  int validate(@Mixin Chosen chosen) throws IOException, ConfigException {
    ModelFile file = chosen.read();
    RatingModel model = file.load(chosen.kinds());
    List<Json.Obj> samples = file.samples(chosen.kinds(), model);
    for (int i = 0; i < samples.size(); i++) {
      var _ = rate(model, samples.get(i), "sample " + i);
    }
    Map<String, Json> json = new LinkedHashMap<>();
    json.put("kind", new Json.Str(model.kind()));
    json.put("sha256", new Json.Str(model.digest()));
    json.put("bytes", new Json.Num(file.bytes().length));
    json.put("samples", new Json.Num(samples.size()));
    json.put("input", model.schema().toJsonSchema());
    json.put("example", model.schema().example());
    return chosen.print(
        new Json.Obj(json),
        () -> {
          System.out.printf("kind     %s%n", model.kind());
          System.out.printf("sha256   %s%n", model.digest());
          System.out.printf("bytes    %d%n", file.bytes().length);
          System.out.printf("samples  %d rated%n", samples.size());
          System.out.printf("%n%-32s %-8s %s%n", "FIELD", "NEEDED", "VALUES");
          model.schema().fields().forEach(field -> System.out.println(row(field)));
        });
  }

  private static String row(InputSchema.Field field) {
    return "%-32s %-8s %s"
        .formatted(field.name(), field.required() ? "yes" : "no", field.expected());
  }

  @Command(
      name = "explain",
      mixinStandardHelpOptions = true,
      description = "Rates one input and says why; without --input, what the model records.")
  int explain(
      @Mixin Chosen chosen,
      @Option(
              names = "--input",
              paramLabel = "JSON|@FILE",
              description = "The input, or @ and a file with it.")
          @Nullable String input)
      throws IOException, ConfigException {
    ModelFile file = chosen.read();
    RatingModel model = file.load(chosen.kinds());
    Json.Obj read =
        input == null ? file.samples(chosen.kinds(), model).getFirst() : input("--input", input);
    Rating rating = rate(model, read, "the input");
    return chosen.print(
        json(rating),
        () -> {
          System.out.printf("input    %s%n", text(read));
          System.out.printf("rating   %s%n", rating.value());
          for (Reason reason : rating.reasons()) {
            System.out.printf(
                "reason   %-24s %8s  %s%n", reason.code(), reason.points(), reason.text());
          }
          if (rating.outputs() != null) {
            rating
                .outputs()
                .members()
                .forEach(
                    (name, value) -> System.out.printf("output   %s = %s%n", name, text(value)));
          }
        });
  }

  private static String text(Json value) {
    return new String(JsonWriter.write(value), StandardCharsets.UTF_8);
  }

  private static Json.Obj json(Rating rating) {
    Map<String, Json> json = new LinkedHashMap<>();
    json.put("rating", number(rating.value()));
    List<Json> reasons = new ArrayList<>();
    for (Reason reason : rating.reasons()) {
      Map<String, Json> members = new LinkedHashMap<>();
      members.put("code", new Json.Str(reason.code()));
      members.put("text", new Json.Str(reason.text()));
      members.put("points", number(reason.points()));
      reasons.add(new Json.Obj(members));
    }
    json.put("reasons", new Json.Arr(reasons));
    Json.Obj outputs = rating.outputs();
    if (outputs != null) {
      json.put("outputs", outputs);
    }
    return new Json.Obj(json);
  }

  private static Json number(Decimal value) {
    return new Json.Num(Double.parseDouble(value.toString()));
  }

  @Command(
      name = "bench",
      mixinStandardHelpOptions = true,
      description =
          "Measures a rating from the input's bytes to the answer's, on one thread; ratios between runs on one machine count, not nanoseconds.")
  int bench(
      @Mixin Chosen chosen,
      @Option(
              names = "--input",
              paramLabel = "JSON|@FILE",
              description = "The input; what the model records by default.")
          @Nullable String input,
      @Option(names = "--seconds", paramLabel = "N", description = "How long, 3 by default.")
          @Nullable Double seconds)
      throws IOException, ConfigException {
    double time = seconds == null ? 3 : seconds;
    if (!(time >= 0.1 && time <= 600)) {
      throw new ConfigException(List.of("--seconds: " + time + " (expected: 0.1 to 600)"));
    }
    ModelFile file = chosen.read();
    RatingModel model = file.load(chosen.kinds());
    List<Json.Obj> inputs =
        input == null ? file.samples(chosen.kinds(), model) : List.of(input("--input", input));
    for (int i = 0; i < inputs.size(); i++) {
      var _ = rate(model, inputs.get(i), "sample " + i);
    }
    ModelBench bench = new ModelBench(model, inputs);
    ModelBench.Figures figures = bench.run(time);
    Map<String, Json> json = new LinkedHashMap<>();
    json.put("ratings", new Json.Num(0.0 + figures.ratings()));
    json.put("median_ns", new Json.Num(figures.medianNanos()));
    json.put("least_ns", new Json.Num(figures.leastNanos()));
    json.put("bytes", new Json.Num(figures.bytes()));
    json.put("answer_bytes", new Json.Num(0.0 + bench.sink()));
    return chosen.print(
        new Json.Obj(json),
        () -> {
          System.out.printf("ratings    %d of %d inputs%n", figures.ratings(), inputs.size());
          System.out.printf(
              "each       %.0f ns (median), %.0f ns (least)%n",
              figures.medianNanos(), figures.leastNanos());
          System.out.printf("allocates  %.0f bytes%n", figures.bytes());
        });
  }

  /** A rating; why there is none. */
  private static Rating rate(RatingModel model, Json.Obj input, String what) throws IOException {
    return switch (model.check(input)) {
      case Checked.Invalid invalid -> {
        StringBuilder lines = new StringBuilder(what + " does not fit the model:");
        invalid
            .violations()
            .forEach(
                each ->
                    lines.append("\n  ").append(each.pointer()).append(": ").append(each.detail()));
        throw new IOException(lines.toString());
      }
      case Checked.Ready ready -> {
        try {
          yield ready.rate(Attempt.ONCE).toCompletableFuture().join();
        } catch (CompletionException e) {
          Throwable cause = e.getCause() == null ? e : e.getCause();
          throw new IOException("the model failed on " + what + ": " + cause.getMessage(), e);
        }
      }
    };
  }

  /** A JSON object on the command line, or in a file after an @. */
  static Json.Obj input(String option, String given) throws IOException, ConfigException {
    byte[] bytes;
    if (given.startsWith("@")) {
      Path path = Path.of(given.substring(1));
      if (Files.size(path) > INPUT_BYTES_MAX) {
        throw new IOException(path + " is larger than " + INPUT_BYTES_MAX + " bytes");
      }
      bytes = Files.readAllBytes(path);
    } else {
      bytes = given.getBytes(StandardCharsets.UTF_8);
    }
    try {
      if (JsonReader.read(bytes) instanceof Json.Obj object) {
        return object;
      }
    } catch (JsonSyntaxException e) {
      throw new ConfigException(
          List.of(option + ": line " + e.line() + ", column " + e.column() + ": " + e.detail()));
    }
    throw new ConfigException(List.of(option + ": (expected: a JSON object)"));
  }
}

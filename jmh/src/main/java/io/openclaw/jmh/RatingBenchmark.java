package io.openclaw.jmh;

import io.openclaw.cel.CelKind;
import io.openclaw.domain.Json;
import io.openclaw.domain.JsonReader;
import io.openclaw.domain.JsonWriter;
import io.openclaw.domain.Rating;
import io.openclaw.edge.AnswerJson;
import io.openclaw.onnx.OnnxKind;
import io.openclaw.pmml.PmmlKind;
import io.openclaw.rating.Attempt;
import io.openclaw.rating.Checked;
import io.openclaw.rating.JsonKinds;
import io.openclaw.rating.ModelKind;
import io.openclaw.rating.ModelSource;
import io.openclaw.rating.RatingModel;
import io.openclaw.wasm.DirectRater;
import io.openclaw.wasm.WasmHost;
import io.openclaw.wasm.WasmKind;
import io.openclaw.wasm.WasmModel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.pmml4s.model.Model;

/**
 * One rating from the input's bytes to the answer's, by each kind of model and by pmml4s with the
 * same PMML files.
 */
@State(org.openjdk.jmh.annotations.Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class RatingBenchmark {
  /** The system property that names the folder {@code examples}. */
  static final String EXAMPLES = "openclaw.examples";

  private static final String APPLICATION =
      """
      {"checking_status":"<0","duration":48,"credit_history":"existing paid","purpose":"radio/tv",\
      "credit_amount":5951,"savings_status":"<100","employment":"1<=X<4","installment_commitment":2,\
      "personal_status":"female div/dep/mar","other_parties":"none","residence_since":2,\
      "property_magnitude":"real estate","age":22,"other_payment_plans":"none","housing":"own",\
      "existing_credits":1,"job":"skilled","num_dependents":1,"own_telephone":"none",\
      "foreign_worker":"yes"}""";

  private static final String TEXT =
      "{\"content\":\"Lunch is at noon in the small room, and the minutes are on the shelf\"}";

  private static final String NUMBERS =
      IntStream.range(0, 18)
          .mapToObj(i -> "\"x%d\":%.2f".formatted(i, i / 8.0 - 1))
          .collect(Collectors.joining(",", "{", "}"));

  /** Bytes to bytes. */
  @FunctionalInterface
  private interface Rater {
    byte[] rate(byte[] input) throws Exception;
  }

  /** Which model, and by whom. */
  @Param({
    "scorecard",
    "regression",
    "trees",
    "content",
    "pmml-regression",
    "pmml-trees",
    "pmml-trees-plain",
    "onnx-trees",
    "onnx-credit",
    "onnx-network",
    "expression",
    "wasm",
    "wasm-pooled",
    "pmml4s-regression",
    "pmml4s-trees"
  })
  public String by = "scorecard";

  private byte[] input = new byte[0];
  private Rater rater = bytes -> bytes;

  @Setup
  public void load() throws Exception {
    input =
        (by.equals("content") ? TEXT : by.matches("onnx-(trees|network)") ? NUMBERS : APPLICATION)
            .getBytes(StandardCharsets.UTF_8);
    rater =
        switch (by) {
          case "scorecard" -> json("scorecard", "credit-g/credit-g.scorecard.json");
          case "regression" -> json("regression", "models/credit-g.regression.json");
          case "trees" -> json("trees", "models/credit-g.trees.json");
          case "content" -> json("content", "models/content.json");
          case "pmml-regression" -> ours(new PmmlKind(), "models/credit-g.regression.pmml");
          case "pmml-trees" -> ours(new PmmlKind(), "models/credit-g.trees.pmml");
          case "pmml-trees-plain" ->
              ours(new PmmlKind(), withoutReasons("models/credit-g.trees.pmml"));
          case "onnx-credit" -> ours(new OnnxKind(), "models/credit-g.trees.onnx");
          case "onnx-trees" -> ours(new OnnxKind(), "onnx/trees.onnx");
          case "onnx-network" -> ours(new OnnxKind(), "onnx/network.onnx");
          case "expression" -> ours(new CelKind(), "expression/policy.expression.json");
          case "wasm" -> direct("wasm/credit-c/model.wasm");
          case "wasm-pooled" -> ours(new WasmKind(new WasmHost()), "wasm/credit-c/model.wasm");
          case "pmml4s-regression" -> pmml4s("models/credit-g.regression.pmml");
          case "pmml4s-trees" -> pmml4s("models/credit-g.trees.pmml");
          default -> throw new IllegalArgumentException(by);
        };
    byte[] answer = rater.rate(input);
    if (answer.length < 50) {
      throw new IllegalStateException(new String(answer, StandardCharsets.UTF_8));
    }
  }

  private static byte[] bytes(String file) throws Exception {
    return Files.readAllBytes(
        Path.of(Objects.requireNonNull(System.getProperty(EXAMPLES), EXAMPLES)).resolve(file));
  }

  private static Rater json(String kind, String file) throws Exception {
    return ours(Objects.requireNonNull(JsonKinds.all().get(kind)), file);
  }

  /** A PMML file that asks for no reasons, which pmml4s does not give either. */
  private static byte[] withoutReasons(String file) throws Exception {
    return new String(bytes(file), StandardCharsets.UTF_8)
        .replaceFirst(
            "(<PMML[^>]*>)", "$1<Extension name='openclaw' value='{\"reasons\":{\"limit\":0}}'/>")
        .getBytes(StandardCharsets.UTF_8);
  }

  private static Rater ours(ModelKind kind, String file) throws Exception {
    return ours(kind, bytes(file));
  }

  private static Rater ours(ModelKind kind, byte[] bytes) throws Exception {
    RatingModel model = kind.load(new ModelSource("model", "v1", bytes));
    return input ->
        answer(ready(model, input).rate(Attempt.ONCE).toCompletableFuture().get(), model.name());
  }

  private static Checked.Ready ready(RatingModel model, byte[] input) throws Exception {
    if (JsonReader.read(input) instanceof Json.Obj object
        && model.check(object) instanceof Checked.Ready ready) {
      return ready;
    }
    throw new IllegalStateException("the model does not take the input");
  }

  /** On the caller's thread, as the module itself is compared with the same program in C. */
  private static Rater direct(String file) throws Exception {
    WasmModel model =
        (WasmModel) new WasmKind(new WasmHost()).load(new ModelSource("model", "v1", bytes(file)));
    DirectRater rater = model.direct();
    return input -> answer(rater.rate((Json.Obj) JsonReader.read(input)), model.name());
  }

  private static byte[] answer(Rating rating, String name) {
    return AnswerJson.write(rating, name, "v1", "stable", null, "here", "0123456789abcdef");
  }

  private static Rater pmml4s(String file) throws Exception {
    Model model = Model.fromBytes(bytes(file));
    return input -> {
      Map<String, Object> row = new LinkedHashMap<>();
      ((Json.Obj) JsonReader.read(input))
          .members()
          .forEach(
              (name, value) ->
                  row.put(
                      name,
                      value instanceof Json.Num number
                          ? (Object) number.value()
                          : ((Json.Str) value).value()));
      Map<String, Object> found = model.predict(row);
      return JsonWriter.write(
          out -> {
            out.startObject();
            for (Map.Entry<String, Object> each : found.entrySet()) {
              out.name(each.getKey());
              if (each.getValue() instanceof Number number) {
                out.value(number.doubleValue());
              } else {
                out.value(String.valueOf(each.getValue()));
              }
            }
            out.endObject();
          });
    };
  }

  @Benchmark
  public byte[] rate() throws Exception {
    return rater.rate(input);
  }
}

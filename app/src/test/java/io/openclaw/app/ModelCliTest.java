package io.openclaw.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelCliTest {
  private static final String CARD = "../examples/credit-g/credit-g.scorecard.json";

  private static final String APPLICATION =
      """
      {"checking_status":"<0","duration":6,"credit_history":"existing paid","purpose":"radio/tv",\
      "credit_amount":1169,"savings_status":"<100","employment":">=7","installment_commitment":4,\
      "other_parties":"none","property_magnitude":"real estate","other_payment_plans":"none",\
      "housing":"own","existing_credits":2,"age":67}""";

  @TempDir Path folder = Path.of("");

  private static Ran model(String... words) {
    java.util.ArrayList<String> all = new java.util.ArrayList<>(List.of("model"));
    all.addAll(List.of(words));
    return Ran.command(all);
  }

  private String file(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text).toString();
  }

  @Test
  void a_model_says_what_it_takes() {
    Ran ran = model("validate", CARD);
    assertThat(ran.code()).as(ran.err()).isZero();
    assertThat(ran.out())
        .contains("kind     scorecard", "checking_status", "a number", "samples  1 rated");
    assertThat(model("validate", CARD, "--output", "json").out()).contains("\"input\":{\"type\"");
  }

  @Test
  void a_wrong_model_is_refused_with_the_place() throws IOException {
    Ran ran = model("validate", file("m.json", "{\"kind\":\"scorecard\",\"initialScore\":\"x\"}"));
    assertThat(ran.code()).isEqualTo(1);
    assertThat(ran.err()).contains("is refused:", "/initialScore: \"x\" (expected: a number)");
    Ran items = model("validate", file("i.json", "{\"kind\":\"items\"}"));
    assertThat(items.err()).contains("a model without state");
    assertThat(model("validate", file("n.json", "{}")).err()).contains("--kind");
    assertThat(model("validate", file("b.json", "{\n]")).err()).contains("b.json:2:1");
    assertThat(model("validate", folder.resolve("none").toString()).err()).contains("is no file");
  }

  @Test
  void an_input_is_rated_and_explained() throws IOException {
    Ran ran = model("explain", CARD, "--input", APPLICATION);
    assertThat(ran.code()).as(ran.err()).isZero();
    assertThat(ran.out()).contains("rating   ", "reason   R01", "Status of checking account");
    Ran same =
        model("explain", CARD, "--input", "@" + file("in.json", APPLICATION), "--output=json");
    assertThat(same.out()).startsWith("{\"rating\":").contains("\"code\":\"R01\"");
    Ran wrong = model("explain", CARD, "--input", "{\"duration\":\"x\"}");
    assertThat(wrong.code()).isEqualTo(1);
    assertThat(wrong.err())
        .contains("the input does not fit the model:", "/duration: \"x\" (expected: ");
    assertThat(model("explain", CARD, "--input", "[1]").err()).contains("a JSON object");
    assertThat(model("explain", CARD, "--input", "{").err()).contains("line 1, column 2");
  }

  @Test
  void a_rating_is_measured_from_bytes_to_bytes() {
    Ran ran = model("bench", CARD, "--input", APPLICATION, "--seconds", "0.2");
    assertThat(ran.code()).as(ran.err()).isZero();
    assertThat(ran.out()).contains("ratings ", " ns (median)", "allocates ");
    assertThat(model("bench", CARD, "--seconds", "0").err()).contains("--seconds: 0.0");
  }

  @Test
  void a_model_is_held_against_expected_rows() throws IOException {
    Path table = Path.of("../examples/credit-g/credit-g.csv");
    String samples = file("m.samples.csv", Files.readString(table).replace("'", ""));
    String expected =
        file(
            "m.expected.csv",
            Files.readString(Path.of("../examples/credit-g/credit-g.expected.csv")));
    Ran ran = model("test", CARD, "--samples", samples, "--expected", expected);
    assertThat(ran.code()).as(ran.out()).isZero();
    assertThat(ran.out()).contains("right        1000     1000  scorecard", "100.000");

    file("m.expected.csv", Files.readString(Path.of(expected)).replace("\n2,606,", "\n2,607,"));
    file("m.json", Files.readString(Path.of(CARD)));
    file("n.json", "{}"); // without tables
    Ran altered = model("test", folder.toString());
    assertThat(altered.code()).isEqualTo(1);
    assertThat(altered.out()).contains("WRONG", "  row 2, rating: 606 (expected: 607)", "99.900");
    assertThat(model("test", folder.toString(), "--least", "99.9").code()).isZero();

    file("m.json", "{\"kind\":\"scorecard\"}");
    Ran refused = model("test", folder.toString());
    assertThat(refused.out()).contains("refused", "/initialScore: absent");
    assertThat(model("test", CARD).err()).contains("both with a file, none with a folder");
    assertThat(model("test", CARD, "--samples", CARD, "--expected", CARD).err()).contains("line ");
  }

  @Test
  void a_model_is_built_of_its_parts() throws IOException {
    Path module = Path.of("../examples/wasm/hello-wat/model.wasm");
    String settings = file("s.json", "{\"deadlineMillis\": 20}");
    Path out = folder.resolve("built.wasm");
    Ran ran = model("build", module.toString(), "--settings", settings, "-o", out.toString());
    assertThat(ran.code()).as(ran.err()).isZero();
    assertThat(ran.out()).contains("built.wasm: wasm, ");
    assertThat(out).exists();
    assertThat(model("validate", out.toString()).code()).isZero();

    Files.copy(Path.of("../examples/models/credit-g.trees.pmml"), folder.resolve("trees.pmml"));
    String chain =
        file(
            "chain.json",
            """
            {"kind":"chain","stages":[{"name":"trees","model":{"file":"trees.pmml"}}]}
            """);
    Path whole = folder.resolve("whole.json");
    Ran built = model("build", chain, "--out", whole.toString());
    assertThat(built.code()).as(built.err()).isZero();
    assertThat(model("explain", whole.toString(), "--input", APPLICATION).code()).isZero();
    assertThat(Files.readString(whole)).contains("\"base64\"");

    Path none = folder.resolve("none");
    assertThat(model("build", CARD, "-o", none.toString()).err()).contains("of kind scorecard");
    assertThat(model("build", module.toString(), "-o", none.toString()).err())
        .contains("--settings: missing");
    String wrong = file("w.json", "{\"deadline\": 20}");
    assertThat(model("build", module.toString(), "--settings", wrong, "-o", none.toString()).err())
        .contains("/deadline: ");
    assertThat(none).doesNotExist();
  }
}

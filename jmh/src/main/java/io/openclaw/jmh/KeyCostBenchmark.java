package io.openclaw.jmh;

import io.openclaw.domain.Jcs;
import io.openclaw.domain.Json;
import io.openclaw.domain.JsonReader;
import io.openclaw.domain.JsonSyntaxException;
import io.openclaw.rating.Attempt;
import io.openclaw.rating.Checked;
import io.openclaw.rating.ModelException;
import io.openclaw.rating.RatingModel;
import io.openclaw.rating.ScorecardModel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * What the key of a kept rating costs beside the rating itself, of a credit application of 20
 * members: why a request that asks for neither tag nor cache has no key made.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class KeyCostBenchmark {
  private static final String APPLICATION =
      """
      {"checking_status":"<0","duration":6,"credit_history":"critical/other existing credit",\
      "purpose":"radio/tv","credit_amount":1169,"savings_status":"no known savings",\
      "employment":">=7","installment_commitment":4,"personal_status":"male single",\
      "other_parties":"none","residence_since":4,"property_magnitude":"real estate","age":67,\
      "other_payment_plans":"none","housing":"own","existing_credits":2,"job":"skilled",\
      "num_dependents":1,"own_telephone":"yes","foreign_worker":"yes"}""";

  private @Nullable RatingModel model;
  private Json.Obj input = new Json.Obj(Map.of());

  /** Loads the sample model; run from the project's folder. */
  @Setup
  public void prepare() throws IOException, ModelException, JsonSyntaxException {
    Path file = Path.of("examples", "credit-g", "credit-g.scorecard.json");
    model = ScorecardModel.load("credit-g", "v1", Files.readAllBytes(file));
    input = (Json.Obj) JsonReader.read(APPLICATION.getBytes(StandardCharsets.UTF_8));
  }

  /** The input in its canonical form. */
  @Benchmark
  public byte[] canonical() {
    return Jcs.exact(input);
  }

  /** The same, and its SHA-256. */
  @Benchmark
  public byte[] key() throws GeneralSecurityException {
    return MessageDigest.getInstance("SHA-256").digest(Jcs.exact(input));
  }

  /** Checking and rating it. */
  @Benchmark
  public Object rating() {
    return Objects.requireNonNull(model).check(input) instanceof Checked.Ready ready
        ? ready.rate(Attempt.ONCE)
        : input;
  }
}

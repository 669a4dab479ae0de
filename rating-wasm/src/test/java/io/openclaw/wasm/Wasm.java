package io.openclaw.wasm;

import io.openclaw.domain.Json;
import io.openclaw.domain.Rating;
import io.openclaw.rating.Attempt;
import io.openclaw.rating.Checked;
import io.openclaw.rating.ModelBusyException;
import io.openclaw.rating.ModelDeadlineException;
import io.openclaw.rating.ModelException;
import io.openclaw.rating.ModelSource;
import io.openclaw.rating.RatingModel;
import io.openclaw.rating.Ratings;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.locks.LockSupport;

/** Short ways to say what a test does with a module. */
final class Wasm {
  /** The folder of the examples. */
  static final Path EXAMPLES = Path.of("..", "examples", "wasm");

  private static final int ATTEMPTS_MAX = 200;

  private Wasm() {}

  /** {@code traps.wasm} with settings, of which the deadline is short. */
  static byte[] traps(String settings) {
    try (InputStream in = Objects.requireNonNull(Wasm.class.getResourceAsStream("traps.wasm"))) {
      return WasmSettings.embed(in.readAllBytes(), Ratings.bytes(settings));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (ModelException e) {
      throw new IllegalStateException(e);
    }
  }

  static byte[] example(String path) {
    try {
      return Files.readAllBytes(EXAMPLES.resolve(path));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static WasmModel load(WasmHost host, byte[] module) {
    try {
      return (WasmModel) new WasmKind(host).load(new ModelSource("m", "v7", module));
    } catch (ModelException e) {
      throw new AssertionError(e.getMessage(), e);
    }
  }

  /** The refusal of a module. */
  static String refusal(byte[] module) {
    try (WasmHost host = new WasmHost()) {
      RatingModel model = new WasmKind(host).load(new ModelSource("m", "v1", module));
      throw new AssertionError("loaded: " + model);
    } catch (ModelException e) {
      return String.valueOf(e.getMessage());
    }
  }

  static Json.Obj input(String letter) {
    return Ratings.object("{'do':'" + letter + "'}");
  }

  /**
   * The rating of an input that the model can rate; where the machine had so much other work that
   * its time was over, it is asked again.
   */
  static Rating rate(RatingModel model, Json.Obj input) {
    for (int attempt = 1; ; attempt++) {
      try {
        return begin(model, input).toCompletableFuture().join();
      } catch (CompletionException e) {
        boolean isTime =
            e.getCause() instanceof ModelDeadlineException
                || e.getCause() instanceof ModelBusyException;
        if (!isTime || attempt == ATTEMPTS_MAX) {
          throw e;
        }
        LockSupport.parkNanos(20_000_000);
      }
    }
  }

  static CompletionStage<Rating> begin(RatingModel model, Json.Obj input) {
    return switch (model.check(input)) {
      case Checked.Ready ready -> ready.rate(Attempt.ONCE);
      case Checked.Invalid invalid -> throw new AssertionError(invalid.violations());
    };
  }

  /** What a rating fails with. */
  static Throwable failure(RatingModel model, Json.Obj input) {
    return failure(begin(model, input));
  }

  static Throwable failure(CompletionStage<Rating> stage) {
    try {
      throw new AssertionError("rated: " + stage.toCompletableFuture().join());
    } catch (CompletionException e) {
      return Objects.requireNonNull(e.getCause());
    }
  }
}

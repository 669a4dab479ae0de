package io.openclaw.cel;

import io.openclaw.domain.Json;
import io.openclaw.rating.Attempt;
import io.openclaw.rating.Checked;
import io.openclaw.rating.ModelException;
import io.openclaw.rating.ModelKind;
import io.openclaw.rating.ModelSource;
import io.openclaw.rating.ModelTrapException;
import io.openclaw.rating.RatingModel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.random.RandomGenerator;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Mutated documents of kind {@code expression}: each must be refused with {@link ModelException} or
 * rate any input with a rating or {@link ModelTrapException}, within its time. Seeded; a failure
 * prints its seed. {@code CelFuzz SECONDS [SEED]}.
 */
public final class CelFuzz {
  static final Path CORPUS = Path.of("..", "examples", "fuzz", "cel");

  /** A rating's time at most: a hundred times the bound, since the machine may be busy. */
  private static final long RATING_NANOS_MAX = 100_000_000L;

  private static final long LOADING_NANOS_MAX = 20_000_000_000L;

  /** The value of a member that is a string. */
  private static final Pattern STRING = Pattern.compile(": ?\"((?:[^\"\\\\]|\\\\.)*)\"");

  private static final String[] PIECES = {
    "x",
    "n",
    "s",
    "b",
    "d",
    "y",
    "1",
    "0",
    "-1",
    "2.5",
    "1e308",
    "9223372036854775807",
    "'a'",
    "''",
    "null",
    "true",
    " + ",
    " - ",
    " * ",
    " / ",
    " % ",
    " == ",
    " != ",
    " < ",
    " >= ",
    " && ",
    " || ",
    " in ",
    "!",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ",",
    ".",
    ":",
    "?",
    "[1,2,3]",
    "[x, 1.0]",
    "{'a': 1}",
    ".map(i, i * 2)",
    ".exists(i, i > 1)",
    ".all(i, true)",
    ".filter(i, i > 1)",
    ".size()",
    "size(s)",
    "int(s)",
    "double(s)",
    "string(x)",
    "math.abs(x)",
    "math.greatest(x, n)",
    "math.sqrt(x)",
    "s.matches('a+')",
    "s.replace('a','bb')",
    ".substring(1, 2)",
    ".charAt(9)",
    "s.indexOf('l')",
    ".reverse()",
    "has(d)",
    "dyn(x)",
    "timestamp('x')",
    "[0]",
    "['a']",
    "1u",
    "b'x'",
    "x == null ? 1 : 2",
    "\\n",
    "\\u0000",
    "ä",
    "🦀"
  };

  /** What came of a run. */
  record Report(long documents, long refused, long ratings, long traps) {}

  private final RandomGenerator random;
  private final ModelKind kind;
  private final List<String> corpus = new ArrayList<>();
  private long documents;
  private long refused;
  private long ratings;
  private long traps;

  CelFuzz(RandomGenerator random, ModelKind kind) throws IOException {
    this.random = random;
    this.kind = kind;
    try (Stream<Path> files = Files.list(CORPUS)) {
      for (Path file : files.sorted().toList()) {
        corpus.add(Files.readString(file));
      }
    }
  }

  /** Goes on for this long; on a busy machine up to twenty times, until something was rated. */
  Report run(double seconds) {
    long end = System.nanoTime() + (long) (seconds * 1e9);
    long last = end + (long) (seconds * 19e9);
    while (System.nanoTime() < end
        || ((ratings == 0 || refused == 0) && System.nanoTime() < last)) {
      attempt(mutated(corpus.get(random.nextInt(corpus.size()))));
    }
    return new Report(documents, refused, ratings, traps);
  }

  /** Holds one document against what is promised. */
  void attempt(String document) {
    documents++;
    byte[] bytes = document.getBytes(StandardCharsets.UTF_8);
    long start = System.nanoTime();
    try {
      RatingModel model = kind.load(new ModelSource("m", "v1", bytes));
      require(System.nanoTime() - start < LOADING_NANOS_MAX, "slow to load", document);
      var _ = kind.samples(bytes);
      for (int i = 0; i < 5; i++) {
        rate(model, document);
      }
    } catch (ModelException e) {
      refused++;
      require(!e.problems().isEmpty(), "no problem", document);
      require(System.nanoTime() - start < LOADING_NANOS_MAX, "slow to refuse", document);
    } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
      throw new AssertionError("loading threw " + e + " for " + document, e);
    }
  }

  private void rate(RatingModel model, String document) {
    if (!(model.check(input(model)) instanceof Checked.Ready ready)) {
      return;
    }
    long start = System.nanoTime();
    try {
      var _ = ready.rate(Attempt.ONCE).toCompletableFuture().get();
      ratings++;
    } catch (ExecutionException e) {
      require(e.getCause() instanceof ModelTrapException, "threw " + e.getCause(), document);
      traps++;
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    require(System.nanoTime() - start < RATING_NANOS_MAX, "slow to rate", document);
  }

  private static void require(boolean holds, String what, String document) {
    if (!holds) {
      throw new AssertionError(what + ": " + document);
    }
  }

  private Json.Obj input(RatingModel model) {
    Map<String, Json> members = new LinkedHashMap<>(model.schema().example().members());
    for (Map.Entry<String, Json> each : members.entrySet()) {
      if (random.nextInt(4) == 0) {
        each.setValue(
            switch (random.nextInt(6)) {
              case 0 -> new Json.Num(0);
              case 1 -> new Json.Num(random.nextInt(-1_000, 1_000));
              case 2 -> new Json.Num(random.nextGaussian() * 1e300);
              case 3 -> new Json.Str("a".repeat(random.nextInt(1_000)));
              case 4 -> Json.Bool.of(random.nextBoolean());
              default -> Json.Null.NULL;
            });
      }
    }
    return new Json.Obj(members);
  }

  /** Mutates one of the document's strings, most often an expression, or now and then anything. */
  private String mutated(String document) {
    if (random.nextInt(8) == 0) {
      return piecewise(document);
    }
    List<MatchResult> strings = STRING.matcher(document).results().toList();
    MatchResult chosen = strings.get(random.nextInt(strings.size()));
    return document.substring(0, chosen.start(1))
        + piecewise(chosen.group(1))
        + document.substring(chosen.end(1));
  }

  /** One to three pieces put in, put over, taken out or doubled. */
  private String piecewise(String original) {
    StringBuilder text = new StringBuilder(original);
    for (int i = random.nextInt(1, 4); i > 0; i--) {
      int at = random.nextInt(text.length() + 1);
      int length = Math.min(random.nextInt(1, 9), text.length() - at);
      String piece = PIECES[random.nextInt(PIECES.length)];
      switch (random.nextInt(5)) {
        case 0 -> text.insert(at, piece);
        case 1 -> text.replace(at, at + length, piece);
        case 2 -> text.delete(at, at + length);
        case 3 -> text.replace(0, text.length(), piece); // a piece that stands for itself
        default -> text.insert(at, piece.repeat(random.nextInt(1, 60)));
      }
    }
    return text.toString();
  }

  public static void main(String[] arguments) throws IOException {
    if (arguments.length < 1 || arguments[0].equals("--help")) {
      System.out.println("CelFuzz SECONDS [SEED]: mutates documents of kind expression");
      return;
    }
    long seed = arguments.length > 1 ? Long.parseLong(arguments[1]) : System.nanoTime();
    System.out.println("seed " + seed);
    System.out.println(
        new CelFuzz(new java.util.SplittableRandom(seed), new CelKind())
            .run(Double.parseDouble(arguments[0])));
  }
}

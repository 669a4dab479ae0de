package io.openclaw.rating;

import io.openclaw.domain.Json;
import io.openclaw.domain.JsonReader;
import io.openclaw.domain.JsonSyntaxException;
import io.openclaw.domain.JsonWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Throws mutated documents at every kind that is JSON, and mutated inputs at those that load: a
 * document may be refused with {@link ModelException} and a rating may fail with {@link
 * ModelTrapException}; anything else is a fault, told with its seed.
 *
 * <p>{@code JsonModelFuzz --help} says how to run it by hand.
 */
final class JsonModelFuzz {
  static final Path CORPUS = Path.of("..", "examples", "fuzz", "json");

  private static final String[] KINDS = {"scorecard", "regression", "trees", "content", "chain"};

  private static final String[] TOKENS = {
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "null",
    "true",
    "-1",
    "0",
    "1e308",
    "-0.0",
    "1e-308",
    "\"\"",
    "\"a\"",
    "{}",
    "[]",
    "\"missing\":",
    "\"kind\":\"chain\"",
    "9007199254740993",
    "\"\\u0000\"",
    "\"leaf\":",
    "\"values\":",
    "\"base64\":\"AA==\"",
    "\"otherwise\":true"
  };

  /** What was done so far. */
  record Count(long documents, long loaded, long rated) {}

  /** What loads a document; tests plant faults here. */
  private final Function<byte[], RatingModel> loader;

  private final List<byte[]> corpus;
  private long documents;
  private long loaded;
  private long rated;

  JsonModelFuzz(List<byte[]> corpus, Function<byte[], RatingModel> loader) {
    this.corpus = corpus;
    this.loader = loader;
  }

  /** A refusal, through a function that may not throw it. */
  static final class Refused extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Refused(ModelException cause) {
      super(cause);
    }
  }

  /** Loads with the kind that the document names, or else with each. */
  static RatingModel load(byte[] json) {
    String text = new String(json, StandardCharsets.UTF_8);
    ModelException last = null;
    for (String kind : KINDS) {
      if (text.contains("\"" + kind + "\"")) {
        try {
          return Examples.loadOrThrow(kind, json);
        } catch (ModelException e) {
          last = e;
        }
      }
    }
    throw new Refused(last == null ? new ModelException("/kind", "none", "one") : last);
  }

  static List<byte[]> corpus(Path folder) throws IOException {
    List<byte[]> corpus = new ArrayList<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".json")).sorted().toList()) {
        corpus.add(Files.readAllBytes(file));
      }
    }
    return corpus;
  }

  /**
   * Runs until the time is over.
   *
   * @throws AssertionError at the first fault, with the seed that finds it again
   */
  Count run(long seed, long untilNanos) {
    long next = seed;
    while (System.nanoTime() - untilNanos < 0) {
      one(next++);
    }
    return new Count(documents, loaded, rated);
  }

  /** One document and, where it loads, a few inputs. */
  void one(long seed) {
    Random random = new Random(seed);
    byte[] document = mutated(corpus.get(random.nextInt(corpus.size())), random);
    documents++;
    try {
      RatingModel model = loader.apply(document);
      loaded++;
      model.schema().toJsonSchema();
      rate(model, model.schema().example());
      for (int i = 0; i < 4; i++) {
        rate(model, input(model.schema(), random));
      }
    } catch (Refused e) {
      String message = String.valueOf(e.getCause() == null ? null : e.getCause().getMessage());
      if (!message.contains("(expected: ")) {
        throw new AssertionError("seed " + seed + ": a refusal without a place: " + message, e);
      }
    } catch (RuntimeException | StackOverflowError | AssertionError e) {
      throw new AssertionError(
          "seed " + seed + ": " + new String(document, StandardCharsets.UTF_8), e);
    }
  }

  private void rate(RatingModel model, Json.Obj input) {
    if (model.check(input) instanceof Checked.Ready ready) {
      CompletableFuture<io.openclaw.domain.Rating> rating =
          ready.rate(Attempt.ONCE).toCompletableFuture();
      rated++;
      if (rating.isCompletedExceptionally()
          && !(rating.exceptionNow() instanceof ModelTrapException)) {
        throw new AssertionError("a rating failed", rating.exceptionNow());
      }
      if (!rating.isCompletedExceptionally()
          && rating.resultNow().reasons().stream().anyMatch(r -> r.points().unscaled() <= 0)) {
        throw new AssertionError("a reason that lost nothing");
      }
    }
  }

  private static Json.Obj input(InputSchema schema, Random random) {
    java.util.Map<String, Json> members = new java.util.LinkedHashMap<>(schema.example().members());
    for (String name : List.copyOf(members.keySet())) {
      switch (random.nextInt(6)) {
        case 0 -> members.remove(name);
        case 1 ->
            members.put(
                name, new Json.Num(random.nextGaussian() * Math.pow(10, random.nextInt(300))));
        case 2 ->
            members.put(name, new Json.Str("win \uD835\uDCB3 0 free money " + random.nextInt()));
        case 3 -> members.put(name, Json.Null.NULL);
        default -> {}
      }
    }
    return new Json.Obj(members);
  }

  private static byte[] mutated(byte[] original, Random random) {
    byte[] bytes = original;
    if (random.nextInt(4) > 0) {
      try {
        Json document = JsonReader.read(original);
        for (int i = random.nextInt(3); i >= 0; i--) {
          document = JsonMutation.of(document, random);
        }
        return JsonWriter.write(document);
      } catch (JsonSyntaxException e) {
        throw new AssertionError("a document of the corpus", e);
      }
    }
    for (int i = random.nextInt(4); i >= 0; i--) {
      bytes = random.nextInt(3) == 0 ? withToken(bytes, random) : changed(bytes, random);
    }
    return bytes;
  }

  /** A value, a member's name or a stretch changed, doubled or taken out. */
  private static byte[] changed(byte[] bytes, Random random) {
    if (bytes.length == 0) {
      return bytes;
    }
    byte[] result = bytes.clone();
    int at = random.nextInt(bytes.length);
    int end = Math.min(bytes.length, at + 1 + random.nextInt(20));
    switch (random.nextInt(5)) {
      case 0 -> result[at] = (byte) random.nextInt(256);
      case 1 -> result[at] = (byte) ('0' + random.nextInt(10));
      case 2 -> result = joined(bytes, at, new byte[0], end);
      case 3 -> result = joined(bytes, end, Arrays.copyOfRange(bytes, at, end), end);
      default -> {
        int other = random.nextInt(bytes.length);
        int length = Math.min(end - at, bytes.length - other);
        System.arraycopy(bytes, other, result, at, length);
      }
    }
    return result;
  }

  private static byte[] withToken(byte[] bytes, Random random) {
    byte[] token = TOKENS[random.nextInt(TOKENS.length)].getBytes(StandardCharsets.UTF_8);
    int at = random.nextInt(bytes.length + 1);
    int end = at;
    while (end < bytes.length && random.nextBoolean() && ",:[]{}".indexOf(bytes[end]) < 0) {
      end++;
    }
    return joined(bytes, at, token, end);
  }

  private static byte[] joined(byte[] bytes, int to, byte[] between, int from) {
    byte[] result = new byte[to + between.length + bytes.length - from];
    System.arraycopy(bytes, 0, result, 0, to);
    System.arraycopy(between, 0, result, to, between.length);
    System.arraycopy(bytes, from, result, to + between.length, bytes.length - from);
    return result;
  }

  /** Runs by hand: {@code JsonModelFuzz [SECONDS [SEED]]}. */
  public static void main(String[] arguments) throws IOException {
    if (Arrays.asList(arguments).contains("--help")) {
      System.out.println(
          "usage: JsonModelFuzz [SECONDS [SEED]]   mutates examples/fuzz/json, from the folder rating/ (60 s, seed 1)");
      return;
    }
    long seconds = arguments.length > 0 ? Long.parseLong(arguments[0]) : 60;
    long seed = arguments.length > 1 ? Long.parseLong(arguments[1]) : 1;
    Count count =
        new JsonModelFuzz(corpus(CORPUS), JsonModelFuzz::load)
            .run(seed, System.nanoTime() + seconds * 1_000_000_000L);
    System.out.printf(
        Locale.ROOT,
        "%d documents, of which %d loaded; %d ratings; no fault%n",
        count.documents(),
        count.loaded(),
        count.rated());
  }
}

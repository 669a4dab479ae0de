package io.openclaw.pmml;

import io.openclaw.domain.Json;
import io.openclaw.rating.Attempt;
import io.openclaw.rating.Checked;
import io.openclaw.rating.ModelException;
import io.openclaw.rating.ModelSource;
import io.openclaw.rating.ModelTrapException;
import io.openclaw.rating.RatingModel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Loads documents changed at random, and rates an example where one loads: all may be refused, or
 * end in a rating or a trap; anything else, or more than five seconds, is a find.
 */
final class PmmlFuzz {
  /** How long one document may take, nanoseconds. */
  static final long DOCUMENT_NANOS_MAX = 5_000_000_000L;

  private static final Pattern TAG = Pattern.compile("<[^<>]{0,400}>");
  private static final Pattern VALUE = Pattern.compile("\"[^\"]{0,200}\"");
  private static final String[] VALUES = {
    "",
    "0",
    "-1",
    "NaN",
    "INF",
    "1e308",
    "-1e-308",
    "99999999999999999999",
    "true",
    "x",
    "asIs",
    "none",
    "string",
    "integer",
    "selectFirst",
    "modelChain",
    "weightedMedian",
    "isIn",
    "\u0000",
    "&lt;",
    "1 2 3",
    "regression",
    "classification"
  };

  /**
   * What a run found.
   *
   * @param documents how many were tried
   * @param loaded how many loaded
   * @param rated how many of those rated their example
   */
  record Result(long documents, long loaded, long rated) {}

  /** How a document becomes a model; a broken one must be found. */
  interface Loader {
    RatingModel load(ModelSource source) throws ModelException;
  }

  private final List<byte[]> seeds;
  private final SplittableRandom random;
  private final long seed;
  private final Loader loader;

  PmmlFuzz(List<byte[]> seeds, long seed, Loader loader) {
    this.seeds = seeds;
    this.seed = seed;
    this.random = new SplittableRandom(seed);
    this.loader = loader;
  }

  /** The files of folders, sorted. */
  static List<byte[]> seeds(Path... folders) throws IOException {
    List<byte[]> seeds = new ArrayList<>();
    for (Path folder : folders) {
      try (Stream<Path> files = Files.list(folder)) {
        for (Path file : files.filter(f -> f.toString().endsWith(".pmml")).sorted().toList()) {
          seeds.add(Files.readAllBytes(file));
        }
      }
    }
    return seeds;
  }

  /**
   * Tries documents for so long.
   *
   * @throws AssertionError with the seed, the number and the document of the first find
   */
  Result run(long nanos) {
    long end = System.nanoTime() + nanos;
    long documents = 0;
    long loaded = 0;
    long rated = 0;
    while (System.nanoTime() - end < 0) {
      byte[] document = changed();
      documents++;
      long start = System.nanoTime();
      try {
        RatingModel model = loader.load(new ModelSource("fuzz", "v1", document));
        loaded++;
        rated += rate(model) ? 1 : 0;
      } catch (ModelException e) {
        if (e.problems().isEmpty()) {
          throw find(documents, document, e);
        }
      } catch (RuntimeException | Error e) {
        throw find(documents, document, e);
      }
      if (System.nanoTime() - start > DOCUMENT_NANOS_MAX) {
        throw find(documents, document, new AssertionError("took too long"));
      }
    }
    return new Result(documents, loaded, rated);
  }

  private AssertionError find(long number, byte[] document, Throwable what) {
    return new AssertionError(
        "seed "
            + seed
            + ", document "
            + number
            + ": "
            + what
            + "\n"
            + new String(document, StandardCharsets.UTF_8),
        what);
  }

  private static boolean rate(RatingModel model) {
    Json.Obj example = model.schema().example();
    if (!(model.check(example) instanceof Checked.Ready ready)) {
      return false;
    }
    try {
      var _ = ready.rate(Attempt.ONCE).toCompletableFuture().join();
      return true;
    } catch (CompletionException e) {
      if (e.getCause() instanceof ModelTrapException) {
        return false;
      }
      throw e;
    }
  }

  private byte[] changed() {
    byte[] document = seeds.get(random.nextInt(seeds.size())).clone();
    int changes = 1 + random.nextInt(4);
    for (int i = 0; i < changes; i++) {
      document = random.nextInt(4) == 0 ? bytes(document) : structure(document);
    }
    return document;
  }

  private byte[] bytes(byte[] document) {
    byte[] copy = document.clone();
    if (copy.length > 0) {
      switch (random.nextInt(3)) {
        case 0 -> copy[random.nextInt(copy.length)] = (byte) random.nextInt(256);
        case 1 -> copy = Arrays.copyOf(copy, random.nextInt(copy.length));
        default -> {
          int at = random.nextInt(copy.length);
          copy[at] = (byte) (copy[at] ^ (1 << random.nextInt(8)));
        }
      }
    }
    return copy;
  }

  private byte[] structure(byte[] document) {
    String text = new String(document, StandardCharsets.UTF_8);
    String made =
        switch (random.nextInt(6)) {
          case 0 -> replace(text, TAG, found -> "");
          case 1 -> replace(text, TAG, found -> found + found);
          case 2 -> swap(text);
          case 3 -> replace(text, TAG, found -> found.repeat(1 + random.nextInt(50)));
          case 4 -> replace(text, VALUE, found -> pick(text, VALUE));
          default ->
              replace(text, VALUE, found -> '"' + VALUES[random.nextInt(VALUES.length)] + '"');
        };
    return made.getBytes(StandardCharsets.UTF_8);
  }

  /** Replaces one of what a pattern finds. */
  private String replace(String text, Pattern pattern, Function<String, String> by) {
    int from = text.isEmpty() ? 0 : random.nextInt(text.length());
    Matcher matcher = pattern.matcher(text);
    if (!matcher.find(from)) {
      return text;
    }
    return text.substring(0, matcher.start())
        + by.apply(matcher.group())
        + text.substring(matcher.end());
  }

  private String pick(String text, Pattern pattern) {
    Matcher matcher = pattern.matcher(text);
    int from = text.isEmpty() ? 0 : random.nextInt(text.length());
    return matcher.find(from) ? matcher.group() : "\"\"";
  }

  /** Puts a piece of another seed, between two tags, into the text. */
  private String swap(String text) {
    String other = new String(seeds.get(random.nextInt(seeds.size())), StandardCharsets.UTF_8);
    int from = other.indexOf('<', random.nextInt(Math.max(1, other.length())));
    int to =
        from < 0 ? -1 : other.indexOf('<', Math.min(other.length(), from + random.nextInt(1, 600)));
    return to < 0 ? text : replace(text, TAG, found -> found + other.substring(from, to));
  }

  /** Runs for so many seconds with a seed: {@code PmmlFuzz SECONDS [SEED [FOLDER…]]}. */
  public static void main(String[] args) throws IOException {
    if (args.length == 0 || args[0].equals("--help")) {
      System.out.println(
          "usage: PmmlFuzz SECONDS [SEED [FOLDER...]]\n"
              + "Loads PMML documents changed at random; fails on anything but a refusal, a rating"
              + " or a trap.");
      return;
    }
    long seed = args.length > 1 ? Long.parseLong(args[1]) : 1;
    Path[] folders =
        args.length > 2
            ? Stream.of(args).skip(2).map(Path::of).toArray(Path[]::new)
            : new Path[] {Path.of("examples/pmml"), Path.of("examples/fuzz/pmml")};
    Result result =
        new PmmlFuzz(seeds(folders), seed, source -> new PmmlKind().load(source))
            .run(Long.parseLong(args[0]) * 1_000_000_000L);
    System.out.println(
        "seed "
            + seed
            + ": "
            + result.documents()
            + " documents, "
            + result.loaded()
            + " loaded, "
            + result.rated()
            + " rated");
  }
}

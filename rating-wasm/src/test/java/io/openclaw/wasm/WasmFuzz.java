package io.openclaw.wasm;

import io.openclaw.domain.Json;
import io.openclaw.rating.Attempt;
import io.openclaw.rating.Checked;
import io.openclaw.rating.ModelBusyException;
import io.openclaw.rating.ModelDeadlineException;
import io.openclaw.rating.ModelException;
import io.openclaw.rating.ModelSource;
import io.openclaw.rating.ModelTrapException;
import io.openclaw.rating.RatingModel;
import io.openclaw.rating.Ratings;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Modules with bytes and sections changed at random: each must be refused, or rate, or fail in one
 * of the ways that a model may fail, within bounded time. {@code WasmFuzz SECONDS [SEED]} prints
 * how often each happened; a failure prints the seed and what was loaded.
 */
final class WasmFuzz {
  /** Longest time for one module, loading and rating: many times what any bound allows. */
  private static final long MODULE_NANOS_MAX = TimeUnit.SECONDS.toNanos(20);

  private static final Path CORPUS = Path.of("..", "examples", "fuzz", "wasm");

  /** Interesting bytes: types, opcodes, ends of ranges. */
  private static final int[] BYTES = {
    0, 1, 2, 0x0b, 0x10, 0x11, 0x0c, 0x0d, 0x0e, 0x03, 0x40, 0x41, 0x60, 0x70, 0x7c, 0x7e, 0x7f,
    0x80, 0xfc, 0xfd, 0xff
  };

  private final List<byte[]> corpus;
  private final WasmHost host;
  private final Map<String, Integer> ends = new HashMap<>();

  private WasmFuzz(List<byte[]> corpus, WasmHost host) {
    this.corpus = corpus;
    this.host = host;
  }

  /** How often each end happened. */
  static Map<String, Integer> run(long seconds, long seed) throws IOException {
    WasmLimits limits = new WasmLimits(2, 64, 1_024, 1, 60_000, 1, 60_000, 1);
    try (WasmHost host = new WasmHost(limits)) {
      WasmFuzz fuzz = new WasmFuzz(corpus(), host);
      for (byte[] each : fuzz.corpus) { // as they are, they rate
        fuzz.ends.merge(fuzz.end(each, null), 1, Integer::sum);
      }
      SplittableRandom seeds = new SplittableRandom(seed);
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
      while (System.nanoTime() - end < 0) {
        fuzz.one(seeds.nextLong());
      }
      return fuzz.ends;
    }
  }

  private static List<byte[]> corpus() throws IOException {
    List<byte[]> modules = new ArrayList<>();
    try (Stream<Path> files = Files.list(CORPUS)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".wasm")).sorted().toList()) {
        modules.add(Files.readAllBytes(file));
      }
    }
    if (modules.isEmpty()) {
      throw new IOException(CORPUS + ": no *.wasm");
    }
    return modules;
  }

  private void one(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    byte[] module = corpus.get(random.nextInt(corpus.size())).clone();
    for (int left = random.nextInt(4); left > 0; left--) {
      module = random.nextInt(8) == 0 ? otherSections(module, random) : otherBytes(module, random);
    }
    long start = System.nanoTime();
    String how;
    try {
      how = end(module, random);
    } catch (RuntimeException | Error e) {
      throw new AssertionError("seed " + seed + ", " + module.length + " bytes: " + e, e);
    }
    if (System.nanoTime() - start > MODULE_NANOS_MAX) {
      throw new AssertionError("seed " + seed + ": took longer than 20 s");
    }
    ends.merge(how, 1, Integer::sum);
  }

  private String end(byte[] module, @Nullable SplittableRandom random) {
    RatingModel model;
    try {
      model = new WasmKind(host).load(new ModelSource("fuzz", "v1", module));
    } catch (ModelException e) {
      String message = String.valueOf(e.getMessage());
      return "refused"
          + (System.getProperty("why") == null ? "" : " " + message.replaceAll("[0-9]+", "#"));
    }
    Json.Obj input = input(model, random);
    if (!(model.check(input) instanceof Checked.Ready ready)) {
      return "input refused";
    }
    try {
      var _ = ready.rate(Attempt.ONCE).toCompletableFuture().get(10, TimeUnit.SECONDS);
      return "rated";
    } catch (ExecutionException e) {
      return switch (e.getCause()) {
        case ModelDeadlineException late -> "late";
        case ModelTrapException trap -> "trapped";
        case ModelBusyException busy -> "busy";
        case null, default -> throw new IllegalStateException(e);
      };
    } catch (InterruptedException | TimeoutException e) {
      throw new IllegalStateException(e);
    }
  }

  /** An input that suits the model, mostly; without randomness, surely. */
  private static Json.Obj input(RatingModel model, @Nullable SplittableRandom random) {
    List<Json.Obj> samples = ((WasmModel) model).settings().samples();
    if (!samples.isEmpty() && (random == null || random.nextBoolean())) {
      return samples.getFirst();
    }
    return random != null && random.nextBoolean()
        ? model.schema().example()
        : Ratings.object(
            "{'do':'" + (char) ('a' + (random == null ? 0 : random.nextInt(26))) + "'}");
  }

  private static byte[] otherBytes(byte[] module, SplittableRandom random) {
    byte[] changed = module.clone();
    // The settings are last, and mostly only found to be no JSON any more: they get one in four.
    int end = random.nextInt(4) == 0 ? changed.length : codeEnd(changed);
    int at = random.nextInt(8, end);
    switch (random.nextInt(4)) {
      case 0 -> changed[at] ^= (byte) (1 << random.nextInt(8));
      case 1 -> changed[at] = (byte) BYTES[random.nextInt(BYTES.length)];
      case 2 -> changed[at] = (byte) random.nextInt(256);
      default -> changed[at] += (byte) (random.nextBoolean() ? 1 : -1);
    }
    return changed;
  }

  private static int codeEnd(byte[] module) {
    try {
      List<Sections.Section> settings = Sections.of(module).named(WasmSettings.SECTION);
      return settings.isEmpty() ? module.length : Math.max(9, settings.getFirst().start());
    } catch (ModelException e) {
      return module.length;
    }
  }

  /** A section left out, twice, elsewhere, or of another length. */
  private static byte[] otherSections(byte[] module, SplittableRandom random) {
    List<Sections.Section> sections;
    try {
      sections = new ArrayList<>(Sections.of(module).all());
    } catch (ModelException e) {
      return module;
    }
    if (sections.isEmpty()) {
      return module;
    }
    int chosen = random.nextInt(sections.size());
    Sections.Section section = sections.get(chosen);
    switch (random.nextInt(4)) {
      case 0 -> sections.remove(chosen);
      case 1 -> sections.add(random.nextInt(sections.size()), section);
      case 2 -> sections.add(random.nextInt(sections.size()), sections.remove(chosen));
      default -> {
        int end = random.nextInt(section.start() + 1, section.end() + 1);
        sections.set(
            chosen,
            new Sections.Section(
                section.id(), section.name(), section.start(), section.body(), end));
      }
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(module, 0, 8);
    for (Sections.Section each : sections) {
      out.write(module, each.start(), each.end() - each.start());
    }
    return out.size() > 9 ? out.toByteArray() : module;
  }

  /** Runs for so many seconds. */
  static void main(String[] arguments) throws IOException {
    if (arguments.length < 1 || arguments.length > 2) {
      System.err.println("usage: WasmFuzz SECONDS [SEED]");
      System.exit(2);
    }
    long seed = arguments.length > 1 ? Long.parseLong(arguments[1]) : System.nanoTime();
    System.out.println("seed " + seed);
    System.out.println(run(Long.parseLong(arguments[0]), seed));
    System.exit(0);
  }
}

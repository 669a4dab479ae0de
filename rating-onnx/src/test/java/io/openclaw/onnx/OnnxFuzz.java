package io.openclaw.onnx;

import io.openclaw.rating.Attempt;
import io.openclaw.rating.Checked;
import io.openclaw.rating.ModelException;
import io.openclaw.rating.ModelSource;
import io.openclaw.rating.ModelTrapException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;

/**
 * Mutated ONNX files: this program's own readers must refuse each with {@link ModelException} or
 * read it, and what they take for trees must rate with a rating or {@link ModelTrapException}. No
 * native code sees them, unless asked for: then in staging processes only. Seeded; {@code OnnxFuzz
 * SECONDS [SEED [native]]}.
 */
public final class OnnxFuzz {
  static final Path CORPUS = Path.of("..", "examples", "fuzz", "onnx");
  private static final long NANOS_MAX = 5_000_000_000L;

  /** What came of a run. */
  record Report(long files, long refused, long read, long ratings, long traps, long staged) {}

  /** What is held against what is promised. */
  interface Subject {
    void attempt(byte[] file) throws ModelException;
  }

  private final SplittableRandom random;
  private final List<byte[]> corpus = new ArrayList<>();
  private final boolean stages;
  private long files;
  private long refused;
  private long read;
  private long ratings;
  private long traps;
  private long staged;

  OnnxFuzz(SplittableRandom random, boolean stages) throws IOException {
    this.random = random;
    this.stages = stages;
    for (Path folder : List.of(CORPUS, Models.EXAMPLES)) {
      try (Stream<Path> all = Files.list(folder)) {
        for (Path file : all.filter(f -> f.toString().endsWith(".onnx")).sorted().toList()) {
          corpus.add(Files.readAllBytes(file));
        }
      }
    }
  }

  Report run(double seconds, Subject subject) {
    long end = System.nanoTime() + (long) (seconds * 1e9);
    while (System.nanoTime() < end) {
      byte[] file = mutated(corpus.get(random.nextInt(corpus.size())));
      files++;
      long start = System.nanoTime();
      try {
        subject.attempt(file);
        read++;
      } catch (ModelException e) {
        refused++;
      } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
        throw new AssertionError("threw " + e + " at file " + files, e);
      }
      if (!stages && System.nanoTime() - start > NANOS_MAX) {
        throw new AssertionError("slow at file " + files);
      }
    }
    return new Report(files, refused, read, ratings, traps, staged);
  }

  /** Reads a file with this program's own readers, and rates where that needs no native code. */
  void attempt(byte[] bytes) throws ModelException {
    OnnxFile file = OnnxFile.read(bytes);
    var _ = new OnnxKind().samples(bytes);
    OnnxSettings settings = OnnxSettings.read(java.util.Objects.requireNonNull(file.settings()));
    var _ = OnnxSettings.embed(bytes, java.util.Objects.requireNonNull(file.settings()));
    Columns columns = Columns.of(file, settings);
    Evaluator trees = Imported.of(file, settings, columns);
    if (trees != null) {
      rate(OnnxModel.of(new ModelSource("m", "v", bytes), settings, columns, trees));
    } else if (stages) {
      staged++;
      Staging.ofThisProgram().run(bytes);
    }
  }

  private void rate(OnnxModel model) {
    if (model.check(model.schema().example()) instanceof Checked.Ready ready) {
      try {
        var _ = ready.rate(Attempt.ONCE).toCompletableFuture().get();
        ratings++;
      } catch (ExecutionException e) {
        if (!(e.getCause() instanceof ModelTrapException)) {
          throw new IllegalStateException(e.getCause());
        }
        traps++;
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  private byte[] mutated(byte[] original) {
    byte[] bytes = original.clone();
    for (int i = random.nextInt(1, 6); i > 0 && bytes.length > 1; i--) {
      int at = random.nextInt(bytes.length);
      int length = random.nextInt(1, 1 + Math.min(64, bytes.length - at));
      switch (random.nextInt(6)) {
        case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
        case 1 -> bytes[at] = (byte) random.nextInt(256);
        case 2 -> bytes = Arrays.copyOf(bytes, at + 1);
        case 3 -> { // some bytes over others
          int from = random.nextInt(bytes.length - length + 1);
          System.arraycopy(bytes, from, bytes, at, length);
        }
        case 4 -> { // some bytes out
          byte[] shorter = new byte[bytes.length - length];
          System.arraycopy(bytes, 0, shorter, 0, at);
          System.arraycopy(bytes, at + length, shorter, at, shorter.length - at);
          bytes = shorter.length == 0 ? new byte[1] : shorter;
        }
        default -> Arrays.fill(bytes, at, at + Math.min(length, 9), (byte) 0xFF);
      }
    }
    return bytes;
  }

  public static void main(String[] arguments) throws IOException {
    if (arguments.length < 1 || arguments[0].equals("--help")) {
      System.out.println("OnnxFuzz SECONDS [SEED [native]]: mutates the files of " + CORPUS);
      return;
    }
    long seed = arguments.length > 1 ? Long.parseLong(arguments[1]) : System.nanoTime();
    System.out.println("seed " + seed);
    OnnxFuzz fuzz = new OnnxFuzz(new SplittableRandom(seed), arguments.length > 2);
    System.out.println(fuzz.run(Double.parseDouble(arguments[0]), fuzz::attempt));
  }
}

package io.openclaw.app;

import com.sun.management.ThreadMXBean;
import io.openclaw.domain.Json;
import io.openclaw.domain.JsonReader;
import io.openclaw.domain.JsonSyntaxException;
import io.openclaw.domain.JsonWriter;
import io.openclaw.domain.Rating;
import io.openclaw.edge.AnswerJson;
import io.openclaw.rating.Attempt;
import io.openclaw.rating.Checked;
import io.openclaw.rating.RatingModel;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;

/**
 * Measures what one rating costs, from the input's bytes to the answer's, on one thread: batches of
 * about a millisecond, of which the median and the least are told.
 */
final class ModelBench {
  private static final long BATCH_NANOS = 1_000_000;
  private static final int BATCHES_MAX = 1_000_000;

  /**
   * What was measured.
   *
   * @param ratings how many, without those of warming up
   * @param medianNanos of the batches' means
   * @param leastNanos of the batches' means
   * @param bytes allocated by this thread for each rating; negative where the JVM does not tell
   */
  record Figures(long ratings, double medianNanos, double leastNanos, double bytes) {}

  private final RatingModel model;
  private final byte[][] inputs;
  private long sink;

  ModelBench(RatingModel model, List<Json.Obj> inputs) {
    this.model = model;
    this.inputs = inputs.stream().map(JsonWriter::write).toArray(byte[][]::new);
  }

  /**
   * Warms up for a third of the time, then measures.
   *
   * @throws IOException where an input cannot be rated
   */
  Figures run(double seconds) throws IOException {
    long nanos = (long) (seconds * 1e9);
    int batch = warmUp(nanos / 3);
    ThreadMXBean threads =
        ManagementFactory.getThreadMXBean() instanceof ThreadMXBean mx ? mx : null;
    double[] means = new double[1024];
    int count = 0;
    long bytes = threads == null ? -1 : threads.getCurrentThreadAllocatedBytes();
    long end = System.nanoTime() + nanos;
    while (System.nanoTime() < end && count < BATCHES_MAX) {
      long start = System.nanoTime();
      rate(batch);
      if (count == means.length) {
        means = Arrays.copyOf(means, count * 2);
      }
      means[count++] = (double) (System.nanoTime() - start) / batch;
    }
    long ratings = 1L * count * batch;
    double allocated =
        threads == null
            ? -1
            : (double) (threads.getCurrentThreadAllocatedBytes() - bytes) / ratings;
    double[] sorted = Arrays.copyOf(means, count);
    Arrays.sort(sorted);
    return new Figures(ratings, sorted[count / 2], sorted[0], allocated);
  }

  /** How many ratings a batch has. */
  private int warmUp(long nanos) throws IOException {
    long start = System.nanoTime();
    long last = 1;
    while (System.nanoTime() - start < nanos) {
      long began = System.nanoTime();
      rate(100);
      last = Math.max(1, System.nanoTime() - began);
    }
    return Math.clamp(BATCH_NANOS * 100 / last, 1, 1_000_000);
  }

  private void rate(int times) throws IOException {
    for (int i = 0; i < times; i++) {
      sink += rate(inputs[i % inputs.length]).length;
    }
  }

  private byte[] rate(byte[] bytes) throws IOException {
    try {
      if (JsonReader.read(bytes) instanceof Json.Obj input
          && model.check(input) instanceof Checked.Ready ready) {
        CompletionStage<Rating> rating = ready.rate(Attempt.ONCE);
        return AnswerJson.write(
            rating.toCompletableFuture().join(),
            model.name(),
            model.version(),
            "stable",
            null,
            "here",
            "0123456789abcdef");
      }
    } catch (JsonSyntaxException e) {
      throw new IllegalStateException("we wrote it", e);
    } catch (CompletionException e) {
      throw new IOException("the model failed: " + e.getCause(), e);
    }
    throw new IOException("the model does not take an input (openclaw model explain says why)");
  }

  /** So that no rating is left out as unused. */
  long sink() {
    return sink;
  }
}

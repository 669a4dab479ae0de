package io.openclaw.rating;

import java.util.Arrays;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * What one item's scores add up to: for each writer a vector of cumulative counts per step of the
 * scale, followed by as many of counts taken back.
 *
 * <p>A value, a pair of G-Counters per step (a PN-Counter after Shapiro et al., 2011): {@link
 * #merge} takes the larger element, so it is commutative, associative and idempotent, and equal
 * states are equal values. Only the writer itself may {@link #plus}.
 */
final class ItemCounts {
  /** Replicas that may ever have written one item. */
  static final int WRITERS_MAX = 1_000;

  /** The largest count of one element: exact as a JSON number, and no sum overflows. */
  static final long COUNT_MAX = 1L << 52;

  private final int steps;
  private final String[] writers; // sorted
  private final long[][] vectors; // of each writer, 2 × steps long, never changed

  private ItemCounts(int steps, String[] writers, long[][] vectors) {
    this.steps = steps;
    this.writers = writers;
    this.vectors = vectors;
  }

  static ItemCounts empty(int steps) {
    return new ItemCounts(steps, new String[0], new long[0][]);
  }

  int steps() {
    return steps;
  }

  boolean isEmpty() {
    return writers.length == 0;
  }

  /** The scores that stand, of one step, over all writers. */
  long count(int step) {
    long count = 0;
    for (long[] vector : vectors) {
      count += vector[step] - vector[steps + step];
    }
    return count;
  }

  long total() {
    long total = 0;
    for (int step = 0; step < steps; step++) {
      total += count(step);
    }
    return total;
  }

  /** One writer's vector, not to be changed; null where it never wrote. */
  long @Nullable [] vector(String writer) {
    int at = Arrays.binarySearch(writers, writer);
    return at < 0 ? null : vectors[at];
  }

  void forEachWriter(BiConsumer<String, long[]> sink) {
    for (int i = 0; i < writers.length; i++) {
      sink.accept(writers[i], vectors[i]);
    }
  }

  /** This state after {@code writer} scored the step once more. */
  ItemCounts plusScore(String writer, int step) {
    return plus(writer, step);
  }

  /** This state after {@code writer} took one score of the step back. */
  ItemCounts plusRetraction(String writer, int step) {
    return plus(writer, steps + step);
  }

  private ItemCounts plus(String writer, int element) {
    long[] before = vector(writer);
    long[] after = before == null ? new long[2 * steps] : before.clone();
    after[element]++;
    return with(Arrays.binarySearch(writers, writer), writer, after);
  }

  /**
   * The least state that is at least this one and the writer's vector.
   *
   * @throws IllegalArgumentException where the vector cannot be one of this item's
   */
  ItemCounts merge(String writer, long[] vector) {
    requireValid(steps, vector);
    int at = Arrays.binarySearch(writers, writer);
    if (at < 0 && writers.length >= WRITERS_MAX) {
      throw new IllegalArgumentException("more than " + WRITERS_MAX + " writers of one item");
    }
    if (at < 0) {
      return with(at, writer, vector);
    }
    return covers(vectors[at], vector) ? this : with(at, writer, larger(vectors[at], vector));
  }

  ItemCounts merge(ItemCounts other) {
    ItemCounts merged = this;
    for (int i = 0; i < other.writers.length; i++) {
      merged = merged.merge(other.writers[i], other.vectors[i]);
    }
    return merged;
  }

  /**
   * This state with a writer's vector put in.
   *
   * @param found the writer's index, or {@code -(where it belongs) - 1}
   */
  private ItemCounts with(int found, String writer, long[] vector) {
    if (found >= 0) {
      long[][] replaced = vectors.clone();
      replaced[found] = vector;
      return new ItemCounts(steps, writers, replaced);
    }
    int at = -found - 1;
    String[] moreWriters = Arrays.copyOf(writers, writers.length + 1);
    long[][] moreVectors = Arrays.copyOf(vectors, vectors.length + 1);
    System.arraycopy(writers, at, moreWriters, at + 1, writers.length - at);
    System.arraycopy(vectors, at, moreVectors, at + 1, vectors.length - at);
    moreWriters[at] = writer;
    moreVectors[at] = vector;
    return new ItemCounts(steps, moreWriters, moreVectors);
  }

  private static boolean covers(long[] known, long[] told) {
    for (int i = 0; i < known.length; i++) {
      if (told[i] > known[i]) {
        return false;
      }
    }
    return true;
  }

  /** The element-wise maximum. */
  private static long[] larger(long[] known, long[] told) {
    long[] larger = known.clone();
    for (int i = 0; i < known.length; i++) {
      larger[i] = Math.max(known[i], told[i]);
    }
    return larger;
  }

  /** Every copy a writer ever told takes back no more than it counted. */
  private static void requireValid(int steps, long[] vector) {
    if (vector.length != 2 * steps) {
      throw new IllegalArgumentException(
          "values: " + vector.length + " (expected: " + 2 * steps + ")");
    }
    for (int step = 0; step < steps; step++) {
      long counted = vector[step];
      long retracted = vector[steps + step];
      if (retracted < 0 || retracted > counted || counted > COUNT_MAX) {
        throw new IllegalArgumentException(
            "values["
                + step
                + "]: "
                + counted
                + " counted, "
                + retracted
                + " taken back (expected: 0 <= taken back <= counted <= "
                + COUNT_MAX
                + ")");
      }
    }
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof ItemCounts counts
        && steps == counts.steps
        && Arrays.equals(writers, counts.writers)
        && Arrays.deepEquals(vectors, counts.vectors);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(writers) + Arrays.deepHashCode(vectors);
  }

  @Override
  public String toString() {
    return Arrays.toString(writers) + Arrays.deepToString(vectors);
  }
}

package io.openclaw.limit;

import java.util.Arrays;

/**
 * A set of a limit's blocks, by their numbers from 0. An immutable value; sets that are combined
 * have the same number of words.
 */
final class Blocks {
  private final long[] words;

  private Blocks(long[] words) {
    this.words = words;
  }

  /** No block, of a limit with {@code count} blocks. */
  static Blocks none(int count) {
    return new Blocks(new long[(count + 63) >>> 6]);
  }

  /** The blocks {@code from}, {@code from + step} … below {@code count}. */
  static Blocks every(int count, int from, int step) {
    long[] words = new long[(count + 63) >>> 6];
    for (int block = from; block < count; block += step) {
      words[block >>> 6] |= 1L << block;
    }
    return new Blocks(words);
  }

  static Blocks of(long[] words) {
    return new Blocks(words.clone());
  }

  int words() {
    return words.length;
  }

  long word(int index) {
    return words[index];
  }

  boolean has(int block) {
    return (words[block >>> 6] & 1L << block) != 0;
  }

  boolean isEmpty() {
    for (long word : words) {
      if (word != 0) {
        return false;
      }
    }
    return true;
  }

  int count() {
    int count = 0;
    for (long word : words) {
      count += Long.bitCount(word);
    }
    return count;
  }

  /** The blocks in either. */
  Blocks or(Blocks other) {
    long[] result = words.clone();
    for (int i = 0; i < result.length; i++) {
      result[i] |= other.words[i];
    }
    return new Blocks(result);
  }

  /** The blocks in both. */
  Blocks and(Blocks other) {
    long[] result = words.clone();
    for (int i = 0; i < result.length; i++) {
      result[i] &= other.words[i];
    }
    return new Blocks(result);
  }

  /** The blocks here that are not in the other. */
  Blocks minus(Blocks other) {
    long[] result = words.clone();
    for (int i = 0; i < result.length; i++) {
      result[i] &= ~other.words[i];
    }
    return new Blocks(result);
  }

  /** The first {@code count} blocks of this set, or all where there are fewer. */
  Blocks first(int count) {
    long[] result = new long[words.length];
    int left = count;
    for (int i = 0; i < words.length && left > 0; i++) {
      long rest = words[i];
      while (rest != 0 && left > 0) {
        long lowest = Long.lowestOneBit(rest);
        result[i] |= lowest;
        rest ^= lowest;
        left--;
      }
    }
    return new Blocks(result);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Blocks blocks && Arrays.equals(words, blocks.words);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(words);
  }

  /** The numbers of the blocks. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("{");
    for (int block = 0; block < words.length * 64; block++) {
      if (has(block)) {
        text.append(text.length() > 1 ? " " : "").append(block);
      }
    }
    return text.append('}').toString();
  }
}

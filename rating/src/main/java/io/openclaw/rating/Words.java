package io.openclaw.rating;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A text cut into words as the {@code content} kind counts them, in lower case: runs of letters
 * (apostrophes within are left out), {@code 0} for any run of digits, and each of {@code !?$€£%@#}
 * by itself. Everything else parts words.
 *
 * <p>A word, or two that follow each other with a blank between them, has a bucket: the 32-bit
 * FNV-1a hash (Fowler, Noll, Vo) of its UTF-8 bytes, its upper bits folded onto as many as the
 * model has. Immutable and thread-safe.
 */
final class Words {
  private static final int FNV_OFFSET = 0x811C9DC5;
  private static final int FNV_PRIME = 0x01000193;
  private static final String MARKS = "!?$€£%@#";

  private final byte[] bytes;
  private final int[] ends;

  private Words(byte[] bytes, int[] ends) {
    this.bytes = bytes;
    this.ends = ends;
  }

  /** The words of a text, in their order. */
  static Words of(String text) {
    return new Cutter(text).cut();
  }

  /** How many words there are. */
  int size() {
    return ends.length;
  }

  /** One of them. */
  String word(int index) {
    return new String(bytes, start(index), ends[index] - start(index), StandardCharsets.UTF_8);
  }

  /** Whether the word is of letters. */
  boolean isOfLetters(int index) {
    byte first = bytes[start(index)];
    return first < 0 ? word(index).codePoints().anyMatch(Character::isLetter) : first >= 'a';
  }

  /** The bucket of a word, among {@code 1 << bits}. */
  int bucket(int index, int bits) {
    return folded(hash(FNV_OFFSET, index), bits);
  }

  /** The bucket of a word and the next. */
  int pairBucket(int index, int bits) {
    return folded(hash(next(hash(FNV_OFFSET, index), (byte) ' '), index + 1), bits);
  }

  private int start(int index) {
    return index == 0 ? 0 : ends[index - 1];
  }

  private int hash(int seed, int index) {
    int hash = seed;
    for (int i = start(index); i < ends[index]; i++) {
      hash = next(hash, bytes[i]);
    }
    return hash;
  }

  private static int next(int hash, byte value) {
    return (hash ^ (value & 0xFF)) * FNV_PRIME;
  }

  private static int folded(int hash, int bits) {
    return ((hash >>> bits) ^ hash) & ((1 << bits) - 1);
  }

  /** Cuts one text; one use. */
  private static final class Cutter {
    private final String text;
    private final StringBuilder word = new StringBuilder();
    private final ByteArrayOutputStream bytes;
    private int[] ends = new int[32];
    private int count;

    Cutter(String text) {
      this.text = text;
      bytes = new ByteArrayOutputStream(text.length() + 16);
    }

    Words cut() {
      boolean inDigits = false;
      for (int i = 0; i < text.length(); ) {
        int c = text.codePointAt(i);
        i += Character.charCount(c);
        c = Character.toLowerCase(c);
        if (Character.isLetter(c)) {
          word.appendCodePoint(c);
        } else if (word.isEmpty() || (c != '\'' && c != '’')) {
          end();
          if (Character.isDigit(c) ? !inDigits : MARKS.indexOf(c) >= 0) {
            word.appendCodePoint(Character.isDigit(c) ? '0' : c);
            end();
          }
        }
        inDigits = Character.isDigit(c);
      }
      end();
      return new Words(bytes.toByteArray(), Arrays.copyOf(ends, count));
    }

    private void end() {
      if (word.isEmpty()) {
        return;
      }
      bytes.writeBytes(word.toString().getBytes(StandardCharsets.UTF_8));
      word.setLength(0);
      if (count == ends.length) {
        ends = Arrays.copyOf(ends, 2 * count);
      }
      ends[count++] = bytes.size();
    }
  }
}
